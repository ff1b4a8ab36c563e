import { closeSync, mkdirSync, openSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { CLONE_NEWNET, MS_BIND, mountSync, unshareSync } from '#sys';
import { toNetnsError } from './errors.ts';
import { type NetNamespace, openNamespace } from './net-namespace.ts';
import { withReturn } from './run-sync.ts';

/**
 * Creates an empty network namespace (`lo` down), pinned at `path`, and opens it. Missing folders are made.
 * Same as: `ip netns add NAME` for `/run/netns/NAME`
 *
 * On failure nothing is left at `path`.
 *
 * @throws NetnsError with code "EEXIST" when `path` is taken, "EPERM" without CAP_SYS_ADMIN
 */
export function createNamespace(path: string): NetNamespace {
  try {
    mkdirSync(dirname(path), { recursive: true });
    // O_EXCL, read-only: a mount point needs a file, and nobody should write to it.
    closeSync(openSync(path, 'wx', 0o444));
  } catch (error) {
    throw toNetnsError(`create network namespace "${path}"`, error);
  }
  try {
    withReturn(() => {
      unshareSync(CLONE_NEWNET);
      mountSync('/proc/thread-self/ns/net', path, undefined, MS_BIND);
    });
  } catch (error) {
    unlinkSync(path);
    throw toNetnsError(`create network namespace "${path}"`, error);
  }
  return openNamespace(path);
}
