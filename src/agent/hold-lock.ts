import { closeSync, openSync } from 'node:fs';
import { messageOf } from '#base';
import { tryLockSync } from '#sys';
import { AgentError } from './errors.ts';

/**
 * Holds a lock file until disposed of, or until this process ends in whatever way. The file stays: removing it would let
 * two hold a lock, each on a file of its own.
 * @throws AgentError LOCKED when another agent holds it; DIRECTORY
 */
export function holdLock(path: string, what: string): Disposable {
  const fd = openLock(path, what);
  let isHeld = false;
  try {
    isHeld = tryLockSync(fd);
  } finally {
    if (!isHeld) closeSync(fd);
  }
  if (!isHeld) throw new AgentError('LOCKED', `Cannot use ${what}: another agent works with it (lock file "${path}")`);
  return { [Symbol.dispose]: () => closeSync(fd) };
}

function openLock(path: string, what: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw new AgentError('DIRECTORY', `Cannot use ${what}: ${messageOf(error)}`, { cause: error });
  }
}
