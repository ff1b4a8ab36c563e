import type { LinkEar } from './link-ear.ts';

/** A question to a link, and how long its answer is waited for. */
export interface Question {
  readonly frame: Uint8Array;
  /** When it is asked, in milliseconds from now. */
  readonly sendsMs: readonly number[];
  /** When nobody is waited for any more. */
  readonly windowMs: number;
  /** What a frame that was heard comes to, if it answers. */
  readonly answer: (frame: Buffer) => string | undefined;
}

/**
 * Asks, and listens for as long as the window is: silence counts at its end and not before.
 * @returns the first answer; undefined when there is none
 * @throws SysError when it cannot be sent; the signal's reason
 */
export function askLink(ear: LinkEar, question: Question, signal: AbortSignal): Promise<string | undefined> {
  const { frame, sendsMs, windowMs, answer } = question;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const end = (settle: () => void): void => {
      for (const timer of timers) clearTimeout(timer);
      stopListening();
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onAbort = (): void => end(() => reject(signal.reason));
    const attempt = (act: () => void): void => {
      try {
        act();
      } catch (error) {
        end(() => reject(error));
      }
    };
    const stopListening = ear.listen(heard => {
      const found = answer(heard);
      if (found !== undefined) end(() => resolve(found));
    });
    signal.addEventListener('abort', onAbort, { once: true });
    const timers = [
      ...sendsMs.map(ms => setTimeout(() => attempt(() => ear.send(frame)), ms)),
      setTimeout(
        () =>
          attempt(() => {
            // On a busy node an answer may lie there unread since it came.
            ear.drainSync();
            end(() => resolve(undefined));
          }),
        windowMs,
      ),
    ];
  });
}
