import { ApiError, type CallOptions } from '#kube';
import type { Api, ApiCall } from '../cluster/api.ts';
import type { Trace } from '../run/trace.ts';
import { type CallItem, type LateCall, type Link, takeOut } from './link.ts';

/** Requests under way: each is carried out, and answered, when whoever drives the run says so. */
export interface Calls {
  /** Whose call the server is carrying out, and when it was sent. */
  readonly acting: Acting | undefined;
  send(link: Link, call: ApiCall, options: CallOptions | undefined): Promise<unknown>;
  items(): readonly CallItem[];
  late(): readonly LateCall[];
  /** Ends what has taken too long by now. */
  expire(): void;
}

export interface Acting {
  readonly link: Link;
  readonly sentAt: number;
  /** Whether nobody waits for the answer any more. */
  readonly isLate: boolean;
}

const CALL_TIMEOUT_MS = 10_000;
/** How long a call may still be carried out after its caller has given it up. */
const LATE_MS = 60_000;

interface Sent extends Pick<Acting, 'link' | 'sentAt'> {
  readonly call: ApiCall;
  readonly until: number;
}

interface Call extends Sent {
  readonly settle: (answer: Answer) => void;
  answer?: Answer;
}

type Answer = { readonly value: unknown } | { readonly error: unknown };

export function createCalls(api: Api, now: () => number, trace: Trace): Calls {
  const calls: Call[] = [];
  const lateCalls: Sent[] = [];
  let acting: Acting | undefined;

  function carryOut({ link, sentAt, call }: Sent, isLate: boolean): Answer {
    acting = { link, sentAt, isLate };
    try {
      const value = api.request(call);
      trace(() => `${link.name}: ${call.what}: done`);
      return { value };
    } catch (error) {
      trace(() => `${link.name}: ${call.what}: ${error instanceof ApiError ? error.code : String(error)}`);
      return { error };
    } finally {
      acting = undefined;
    }
  }

  function giveUp(call: Call, answer: Answer): void {
    if (!takeOut(calls, call)) return;
    if (call.answer === undefined && call.call.method !== 'GET') lateCalls.push({ ...call, until: now() + LATE_MS });
    call.settle(answer);
  }

  function toItem(call: Call): CallItem {
    return {
      kind: 'call',
      text: call.call.what,
      link: call.link,
      isAnswered: call.answer !== undefined,
      carryOut() {
        call.answer ??= carryOut(call, false);
      },
      arrive() {
        call.answer ??= carryOut(call, false);
        takeOut(calls, call);
        call.settle(call.answer);
      },
      lose(why) {
        trace(() => `${call.link.name}: ${call.call.what}: the answer is ${why.code}`);
        giveUp(call, { error: why });
      },
    };
  }

  /** A process that has ended waits for nothing; what it had sent may still arrive. */
  function forgetEnded(): void {
    for (const call of calls.filter(({ link }) => link.isOver)) giveUp(call, { value: undefined });
  }

  return {
    get acting() {
      return acting;
    },
    send(link, call, { signal, timeoutMs = CALL_TIMEOUT_MS } = {}) {
      return new Promise((resolve, reject) => {
        if (link.isOver) return;
        if (signal?.aborted) return reject(signal.reason);
        const pending: Call = {
          link,
          call,
          sentAt: now(),
          until: now() + timeoutMs,
          settle(answer) {
            signal?.removeEventListener('abort', onAbort);
            if (link.isOver) return;
            if ('error' in answer) reject(answer.error);
            else resolve(answer.value);
          },
        };
        const onAbort = (): void => giveUp(pending, { error: signal?.reason });
        signal?.addEventListener('abort', onAbort, { once: true });
        calls.push(pending);
      });
    },
    items() {
      forgetEnded();
      return calls.filter(({ link }) => !link.isCut).map(toItem);
    },
    late: () =>
      lateCalls
        .filter(({ link }) => !link.isCut)
        .map(late => ({
          text: late.call.what,
          carryOut: () =>
            void (
              takeOut(lateCalls, late) &&
              carryOut({ ...late, call: { ...late.call, what: `${late.call.what}, late` } }, true)
            ),
        })),
    expire() {
      forgetEnded();
      for (const call of calls.filter(({ until }) => until <= now())) {
        giveUp(call, { error: new ApiError('Unreachable', `Cannot ${call.call.what}: timed out`) });
      }
      for (const late of lateCalls.filter(({ until }) => until <= now())) takeOut(lateCalls, late);
    },
  };
}
