import { writeSync } from 'node:fs';
import { messageOf } from '#base';
import { CLONE_NEWNET, setnsSync } from '#sys';
import { NetnsError, toNetnsError } from './errors.ts';
import { type NetNamespace, openOwnNamespace } from './net-namespace.ts';
import { warmThreadPool } from './thread-pool.ts';

/**
 * Runs `fn` with the calling thread inside a namespace and returns its result. What the thread sees there is other
 * network devices, other `/proc/sys/net` and `/proc/thread-self/net`, and sockets it opens stay there for life.
 *
 * `fn` must be synchronous and must not start child processes or workers: they would stay in the namespace.
 * If the way back fails, the process ends: it would otherwise go on in the wrong namespace.
 *
 * @throws NetnsError with code "ASYNC_IN_NAMESPACE" when `fn` returns a promise, "EINVAL" when `ns` is no network namespace
 */
export function runSync<T>(ns: NetNamespace, fn: () => T): T {
  return withReturn(() => {
    try {
      setnsSync(ns.fd, CLONE_NEWNET);
    } catch (error) {
      throw toNetnsError(`enter network namespace "${ns.path}"`, error);
    }
    here = ns;
    return fn();
  });
}

/** Where this thread is, once it has ever been asked to go elsewhere. Only this file moves it, so it need not be looked up again. */
let here: NetNamespace | undefined;

/** Runs `fn`, which may move the thread into another network namespace, and moves it back. For this room only. */
export function withReturn<T>(fn: () => T): T {
  warmThreadPool();
  here ??= openOwnNamespace();
  const origin = here;
  let result: T;
  try {
    result = fn();
  } finally {
    comeBack(origin);
    here = origin;
  }
  if (isPromise(result)) {
    throw new NetnsError(
      'ASYNC_IN_NAMESPACE',
      'Cannot run in a network namespace: expected a synchronous function, got a promise',
    );
  }
  return result;
}

function comeBack(origin: NetNamespace): void {
  try {
    setnsSync(origin.fd, CLONE_NEWNET);
  } catch (error) {
    writeSync(2, `underlane: cannot come back to the own network namespace, ending: ${messageOf(error)}\n`);
    process.exit(EX_OSERR);
  }
}

/** sysexits.h: "system error (e.g., can't fork)". */
const EX_OSERR = 71;

function isPromise(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
