import { stat } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { messageOf } from '#base';
import { CniError } from '#cni';
import { createReplyDecoder, type WireReply } from '#wire';

export interface AgentAddress {
  readonly path: string;
  /** Silence of the agent after which the call is given up. */
  readonly replyWaitMs: number;
}

export type Attempt =
  | { readonly kind: 'open'; readonly socket: Socket }
  | { readonly kind: 'away'; readonly problem: string };

/** sizeof sun_path, with the closing NUL. */
const PATH_LIMIT = 108;

/** Connects to the agent. Whoever could have made the socket may see pods' configurations: its owner must be us or root. */
export async function openAgent({ path, replyWaitMs }: AgentAddress): Promise<Attempt> {
  const away = (problem: string): Attempt => ({ kind: 'away', problem });
  if (Buffer.byteLength(path) >= PATH_LIMIT) {
    return away(`Cannot reach the agent at "${path}": path is too long for a socket`);
  }
  try {
    const status = await stat(path);
    if (!status.isSocket()) return away(`Cannot reach the agent at "${path}": it is no socket`);
    if (status.uid !== 0 && status.uid !== process.geteuid?.()) {
      return away(`Cannot trust the agent at "${path}": the socket belongs to another user, expected root or this one`);
    }
    const socket = await connect(path);
    socket.setTimeout(replyWaitMs);
    return { kind: 'open', socket };
  } catch (error) {
    return away(`Cannot reach the agent at "${path}": ${messageOf(error)}`);
  }
}

/**
 * Sends the request and takes in the whole reply; closes the socket.
 * @throws CniError CNI_TRY_AGAIN_LATER when the agent ends or falls silent before; WireError when the reply is none
 */
export function exchange(socket: Socket, frame: Uint8Array): Promise<WireReply> {
  const decoder = createReplyDecoder();
  return new Promise<WireReply>((resolve, reject) => {
    const later = (message: string): void => reject(new CniError('CNI_TRY_AGAIN_LATER', message));
    socket.on('data', chunk => {
      try {
        const reply = decoder.push(chunk);
        if (reply !== undefined) resolve(reply);
      } catch (error) {
        reject(error);
      }
    });
    socket.once('timeout', () => later('Agent took the request but did not answer in time'));
    // What a failed write or read means is said by the end that follows.
    socket.on('error', () => {});
    socket.once('end', () => later('Agent ended the connection before its reply was complete'));
    socket.once('close', () => later('Agent ended the connection before its reply was complete'));
    socket.write(frame);
  }).finally(() => socket.destroy());
}

function connect(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    // Half open: an agent that has ended its side may still have data on the way to us.
    const socket = createConnection({ path, allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
