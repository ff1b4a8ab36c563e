/** Resolves when something is so, which only changes of these objects can bring about; rejects with the signal's reason. */
export function untilSo(
  isSo: () => boolean,
  sources: readonly { subscribe(listener: () => void): () => void }[],
  signal: AbortSignal,
): Promise<void> {
  if (isSo()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      for (const unsubscribe of unsubscribers) unsubscribe();
      signal.removeEventListener('abort', onAbort);
    };
    const onAbort = (): void => {
      stop();
      reject(signal.reason);
    };
    const look = (): void => {
      if (!isSo()) return;
      stop();
      resolve();
    };
    const unsubscribers = sources.map(source => source.subscribe(look));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
