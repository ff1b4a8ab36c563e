import { AttachError } from '../errors.ts';

/** Runs work with a signal that is aborted with DEADLINE after `limitMs`, or before by one of the others. */
export async function withDeadline<T>(
  verb: string,
  limitMs: number,
  others: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(
    () =>
      deadline.abort(new AttachError('DEADLINE', `${verb} took longer than ${limitMs / 1000} s`, { retriable: true })),
    limitMs,
  );
  try {
    return await work(AbortSignal.any([...others, deadline.signal]));
  } finally {
    clearTimeout(timer);
  }
}
