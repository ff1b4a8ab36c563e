import { closeSync, readSync, write, writeSync } from 'node:fs';
import { type NetNamespace, runSync } from '#netns';
import { setsockoptSync, socketSync } from '#sys';
import { NetlinkError, toKernelError, toSocketError } from './errors.ts';
import {
  decodeOutcome,
  encodeMessage,
  forEachMessage,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
  type Outcome,
  type ReceivedMessage,
  type Request,
} from './message.ts';

/**
 * A rtnetlink socket, bound for life to the namespace that it was opened in. Dispose it to close it.
 * `action` says what is being done, for errors: `create bridge "br0"`. All methods throw NetlinkError.
 */
export interface RouteSocket extends Disposable {
  readonly fd: number;
  /** Sends a request and returns once the kernel has done it. */
  request(request: Request, action: string): void;
  /**
   * As {@link request}, but the kernel works on a pool thread: for requests that take milliseconds in there. Several it
   * does in order and without a pause, and goes on after one that fails; rejects with the first failure whose code is not
   * in `tolerated`.
   */
  requestAsync(requests: readonly Request[], action: string, tolerated?: readonly string[]): Promise<void>;
  /** Sends a request that is answered with one message and returns that message, decoded. */
  fetch<T>(request: Request, action: string, decode: Decoder<T>): T;
  /** Sends a dump request and returns what the decoder made of each message, without undefined. Repeated when the state changed meanwhile. */
  dump<T>(request: Request, action: string, decode: Decoder<T>): T[];
}

/** Makes a value of a message's bytes from `start` up to `end`. It keeps nothing of the buffer, which is used again. */
export type Decoder<T> = (buffer: Buffer, start: number, end: number) => T | undefined;

/**
 * Opens a rtnetlink socket in a namespace, the process's own without `ns`. The namespace may be disposed afterwards.
 *
 * @throws SysError, NetnsError
 */
export function openRouteSocket(ns?: NetNamespace): RouteSocket {
  const fd = ns === undefined ? openSocket() : runSync(ns, () => openSocket());
  return new NetlinkRouteSocket(fd);
}

/** The same for a descriptor that is open, of any netlink protocol; it is the socket's to close from now on. */
export function routeSocketOf(fd: number): RouteSocket {
  return new NetlinkRouteSocket(fd);
}

/** Opens the bare descriptor, in the namespace that the calling thread is in. */
export function openSocket(protocol = NETLINK_ROUTE): number {
  const fd = socketSync(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
  try {
    setsockoptSync(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
    setsockoptSync(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
    setsockoptSync(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return fd;
}

/** The kernel never answers with more at once: netlink_recvmsg() caps a dump's buffer at 32 KiB. */
export const RECEIVE_SIZE = 32 * 1024;

export const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
const SOL_NETLINK = 270;
const NETLINK_CAP_ACK = 10;
const NETLINK_EXT_ACK = 11;
const NETLINK_GET_STRICT_CHK = 12;

/** Each interrupted dump means that the state changed within it; a namespace that never holds still this long is broken. */
const MAX_DUMP_ATTEMPTS = 20;

class NetlinkRouteSocket implements RouteSocket {
  readonly fd: number;
  readonly #buffer = Buffer.allocUnsafeSlow(RECEIVE_SIZE);
  /** Requests that a pool thread is writing, by sequence; the value is the answer if somebody else has read it by now. */
  readonly #inFlight = new Map<number, Outcome | undefined>();
  #sequence = 0;
  #isDisposed = false;

  constructor(fd: number) {
    this.fd = fd;
  }

  request(request: Request, action: string): void {
    const sequence = this.#send(request, NLM_F_ACK, action);
    this.#awaitOutcome(sequence, action, () => {});
  }

  requestAsync(requests: readonly Request[], action: string, tolerated: readonly string[] = []): Promise<void> {
    this.#assertOpen(action);
    const sent = requests.map(request => ({ request, sequence: this.#nextSequence() }));
    const messages = sent.map(({ request, sequence }) =>
      encodeMessage({ ...request, flags: (request.flags ?? 0) | NLM_F_ACK }, sequence),
    );
    for (const { sequence } of sent) this.#inFlight.set(sequence, undefined);
    return new Promise((resolve, reject) => {
      write(this.fd, Buffer.concat(messages), error => {
        try {
          if (error !== null) throw toSocketError(action, error);
          const failures = sent.flatMap(({ sequence }) => this.#takeOutcome(sequence, action) ?? []);
          const failure = failures.find(({ code }) => !tolerated.includes(code));
          if (failure !== undefined) throw failure;
          resolve();
        } catch (failure) {
          reject(failure);
        } finally {
          for (const { sequence } of sent) this.#inFlight.delete(sequence);
          this.#closeIfDone();
        }
      });
    });
  }

  fetch<T>(request: Request, action: string, decode: Decoder<T>): T {
    // With an acknowledgement behind the answer, nothing of this request is left in the socket for the next one.
    const sequence = this.#send(request, NLM_F_ACK, action);
    let answer: T | undefined;
    this.#awaitOutcome(sequence, action, message => {
      answer = decode(this.#buffer, message.start, message.end);
    });
    if (answer === undefined) throw new NetlinkError(action, 'ENOMSG', 'the kernel gave no answer');
    return answer;
  }

  dump<T>(request: Request, action: string, decode: Decoder<T>): T[] {
    for (let attempt = 1; attempt <= MAX_DUMP_ATTEMPTS; attempt++) {
      const items: T[] = [];
      let isInterrupted = false;
      const sequence = this.#send(request, NLM_F_DUMP, action);
      const end = this.#awaitOutcome(sequence, action, message => {
        if ((message.flags & NLM_F_DUMP_INTR) !== 0) isInterrupted = true;
        const item = decode(this.#buffer, message.start, message.end);
        if (item !== undefined) items.push(item);
      });
      if ((end.flags & NLM_F_DUMP_INTR) === 0 && !isInterrupted) return items;
    }
    throw new NetlinkError(action, 'EINTR', `the state changed during each of ${MAX_DUMP_ATTEMPTS} dumps`);
  }

  [Symbol.dispose](): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#closeIfDone();
  }

  /** A pool thread that is writing must not find somebody else's file under this number. */
  #closeIfDone(): void {
    if (this.#isDisposed && this.#inFlight.size === 0) closeSync(this.fd);
  }

  #assertOpen(action: string): void {
    if (this.#isDisposed) throw new NetlinkError(action, 'EBADF', 'the socket is closed');
  }

  #nextSequence(): number {
    this.#sequence = (this.#sequence + 1) >>> 0;
    return this.#sequence;
  }

  #send(request: Request, flags: number, action: string): number {
    this.#assertOpen(action);
    const sequence = this.#nextSequence();
    const message = encodeMessage({ ...request, flags: (request.flags ?? 0) | flags }, sequence);
    try {
      writeSync(this.fd, message);
    } catch (error) {
      throw toSocketError(action, error);
    }
    return sequence;
  }

  /** Reads until the acknowledgement or dump end of `sequence`, which it returns. @throws NetlinkError when that is an error */
  #awaitOutcome(sequence: number, action: string, onMessage: (message: ReceivedMessage) => void): ReceivedMessage {
    const { last, outcome } = this.#readOutcome(sequence, action, onMessage);
    if (outcome.errno !== 0) throw toKernelError(action, outcome.errno, outcome.reason);
    return last;
  }

  #readOutcome(
    sequence: number,
    action: string,
    onMessage: (message: ReceivedMessage) => void,
  ): { readonly last: ReceivedMessage; readonly outcome: Outcome } {
    let last: ReceivedMessage | undefined;
    let outcome: Outcome = { errno: 0 };
    while (last === undefined) {
      forEachMessage(this.#buffer, this.#read(action), message => {
        const isOutcome = message.type === NLMSG_ERROR || message.type === NLMSG_DONE;
        if (message.sequence !== sequence) {
          // An answer to a request that a pool thread is writing, or what an earlier failure left unread.
          if (isOutcome && this.#inFlight.has(message.sequence)) {
            this.#inFlight.set(message.sequence, decodeOutcome(this.#buffer, message));
          }
        } else if (isOutcome) {
          last = message;
          outcome = decodeOutcome(this.#buffer, message);
        } else {
          onMessage(message);
        }
      });
    }
    return { last, outcome };
  }

  /** What the kernel refused the request with, if it did. */
  #takeOutcome(sequence: number, action: string): NetlinkError | undefined {
    const { errno, reason } = this.#inFlight.get(sequence) ?? this.#readOutcome(sequence, action, () => {}).outcome;
    return errno === 0 ? undefined : toKernelError(action, errno, reason);
  }

  #read(action: string): number {
    try {
      return readSync(this.fd, this.#buffer);
    } catch (error) {
      throw toSocketError(action, error);
    }
  }
}
