import { closeSync, openSync } from 'node:fs';
import { tryLockSync } from '#sys';
import { AgentError } from './errors.ts';

/**
 * Holds a lock file until disposed of, or until this process ends in whatever way. The file stays: removing it would let
 * two hold a lock, each on a file of its own.
 * @throws AgentError LOCKED when another agent holds it
 */
export function holdLock(path: string, what: string): Disposable {
  const fd = openSync(path, 'a', 0o600);
  let isHeld = false;
  try {
    isHeld = tryLockSync(fd);
  } finally {
    if (!isHeld) closeSync(fd);
  }
  if (!isHeld) throw new AgentError('LOCKED', `Cannot use ${what}: another agent works with it (lock file "${path}")`);
  return { [Symbol.dispose]: () => closeSync(fd) };
}
