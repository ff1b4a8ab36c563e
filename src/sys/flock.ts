import { codeOf } from '#base';
import { callLibc } from './libc.ts';

const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * Locks an open file for this process alone, until its descriptor is closed, at the latest by the process's end, however
 * it ends. Same as: `flock --exclusive --nonblock`.
 * @returns false when somebody else has it
 * @throws SysError
 */
export function tryLockSync(fd: number): boolean {
  try {
    callLibc('flock', libc => libc.flock(fd, LOCK_EX | LOCK_NB));
    return true;
  } catch (error) {
    if (codeOf(error) === 'EAGAIN') return false;
    throw error;
  }
}
