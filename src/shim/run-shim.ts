import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf, systemClock } from '#base';
import { CniError, formatError, formatVersionReply, NEWEST_VERSION, SUPPORTED_VERSIONS } from '#cni';
import { encodeRequest, removeSpooled, STDIN_LIMIT, selectEnv, type WireReply, writeSpooled } from '#wire';
import { type AgentAddress, exchange, openAgent } from './agent-connection.ts';

export interface ShimInput {
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Read no further than need be. */
  readonly stdin: Readable;
}

export interface ShimOutput {
  readonly exitCode: number;
  readonly output: Uint8Array | string;
  /** For stderr. */
  readonly usage?: string;
}

/** How long a DEL waits for an agent that is being restarted, and how often it looks. */
const DEL_WAIT_MS = 5000;
const DEL_PAUSE_MS = 100;
/** Above the agent's own longest deadline: cuts off only an agent that hangs. */
const REPLY_WAIT_SECONDS = 180;

/** Does what a runtime asked through the agent; never throws: what goes wrong becomes a CNI error object. */
export async function runShim(input: ShimInput): Promise<ShimOutput> {
  const command = input.env['CNI_COMMAND'];
  if (!command) return { exitCode: 0, output: '', usage: usageOf(input.name) };
  if (command === 'VERSION') return { exitCode: 0, output: formatVersionReply() };
  try {
    const frame = encodeRequest({ plugin: input.name, env: selectEnv(input.env), stdin: await readAll(input.stdin) });
    const { exitCode, stdout } = await ask(command, frame, input.env);
    return { exitCode, output: stdout };
  } catch (error) {
    return { exitCode: 1, output: formatError(error, NEWEST_VERSION) };
  }
}

async function ask(command: string, frame: Uint8Array, env: ShimInput['env']): Promise<WireReply> {
  const address = addressOf(env);
  const giveUp = performance.now() + DEL_WAIT_MS;
  for (;;) {
    const attempt = await openAgent(address);
    if (attempt.kind === 'open') return await exchange(attempt.socket, frame);
    if (command === 'STATUS') throw new CniError('CNI_NOT_AVAILABLE', attempt.problem);
    if (command !== 'DEL') throw new CniError('CNI_TRY_AGAIN_LATER', attempt.problem);
    if (performance.now() >= giveUp) return await keepForLater(frame, env, address);
    await systemClock.sleep(DEL_PAUSE_MS);
  }
}

/** Nobody answered a DEL: keeps it for the agent's next start. */
async function keepForLater(frame: Uint8Array, env: ShimInput['env'], address: AgentAddress): Promise<WireReply> {
  const path = await spool(frame, env);
  // An agent that came up meanwhile may have read the spool just before the file was there: it binds first, reads after.
  const attempt = await openAgent(address);
  if (attempt.kind === 'away') return done;
  try {
    const reply = await exchange(attempt.socket, frame);
    await removeSpooled(path);
    return reply;
  } catch {
    // The DEL is on disk: that is as good as done, whatever became of this attempt.
    return done;
  }
}

const done: WireReply = { exitCode: 0, stdout: new Uint8Array(0) };

async function spool(frame: Uint8Array, env: ShimInput['env']): Promise<string> {
  const dir = join(env['UNDERLANE_STATE_DIR'] || '/var/lib/underlane', 'del-spool');
  const nowNs = BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n);
  const { CNI_CONTAINERID: containerId = '', CNI_IFNAME: ifname = '' } = env;
  try {
    return await writeSpooled(dir, { containerId, ifname, pid: process.pid, nowNs }, frame);
  } catch (error) {
    const message = `Agent is down and the DEL cannot be spooled to "${dir}": ${messageOf(error)}`;
    throw new CniError('CNI_TRY_AGAIN_LATER', message, { cause: error });
  }
}

function addressOf(env: ShimInput['env']): AgentAddress {
  const seconds = /^[1-9]\d{0,5}$/.test(env['UNDERLANE_REPLY_WAIT_SECONDS'] ?? '')
    ? Number(env['UNDERLANE_REPLY_WAIT_SECONDS'])
    : REPLY_WAIT_SECONDS;
  return { path: env['UNDERLANE_SOCKET'] || '/run/underlane/agent.sock', replyWaitMs: seconds * 1000 };
}

async function readAll(stdin: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stdin.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    bytes += chunk.length;
    // The frame's own limit then names the error.
    if (bytes > STDIN_LIMIT) break;
  }
  return Buffer.concat(chunks);
}

function usageOf(name: string): string {
  return (
    `CNI plugin "${name}" of Underlane: to be run by a container runtime, with CNI_COMMAND set\n` +
    `CNI protocol versions supported: ${SUPPORTED_VERSIONS.join(', ')}\n`
  );
}
