import { unlinkSync } from 'node:fs';
import { codeOf } from '#base';
import { MNT_DETACH, umountSync } from '#sys';
import { toNetnsError } from './errors.ts';

/**
 * Removes the pin of a namespace; the kernel drops the namespace itself with its last process and descriptor.
 * Absent is fine, and so is a pin without its mount, as a crash between the two steps of creating one leaves it.
 * Same as: `ip netns delete NAME`
 *
 * @throws NetnsError with the errno's name as code
 */
export function deleteNamespace(path: string): void {
  try {
    unlessCode(['EINVAL', 'ENOENT'], () => umountSync(path, MNT_DETACH));
    unlessCode(['ENOENT'], () => unlinkSync(path));
  } catch (error) {
    throw toNetnsError(`delete network namespace "${path}"`, error);
  }
}

function unlessCode(expected: readonly string[], act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!expected.includes(codeOf(error))) throw error;
  }
}
