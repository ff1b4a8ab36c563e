import { existsSync } from 'node:fs';
import { systemClock, watchPath } from '#base';

/** Resolves once there is something under a path. @throws the signal's reason */
export async function awaitPath(path: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const look = (): void => {
    if (existsSync(path)) resolve();
  };
  try {
    watchPath(path, look, systemClock, ending.signal);
    look();
    await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    ending.abort();
  }
}
