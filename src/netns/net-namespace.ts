import { closeSync, constants, fstatSync, openSync, statfsSync } from 'node:fs';
import { codeOf } from '#base';
import { NetnsError, toNetnsError } from './errors.ts';

/** An open network namespace: the descriptor keeps it alive. Dispose it to close the descriptor. */
export interface NetNamespace extends Disposable {
  readonly fd: number;
  /** Where it was opened, for messages. */
  readonly path: string;
  /** Identity: two namespaces are the same exactly when their inodes are. */
  readonly inode: number;
}

/**
 * Opens the namespace pinned at a path (`/run/netns/x`, `/proc/PID/ns/net`).
 *
 * @throws NetnsError with code "ENOENT" when nothing is there, "NOT_A_NAMESPACE" when something else is
 */
export function openNamespace(path: string): NetNamespace {
  const fd = open(path);
  try {
    if (statfsSync(`/proc/self/fd/${fd}`).type !== NSFS_MAGIC) {
      throw new NetnsError(
        'NOT_A_NAMESPACE',
        `Cannot open network namespace "${path}": expected a namespace, got a file`,
      );
    }
    return toNamespace(fd, path, fstatSync(fd).ino);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** As {@link openNamespace}; undefined when no namespace is there any more. @throws NetnsError when one that exists cannot be opened */
export function openNamespaceIfThere(path: string): NetNamespace | undefined {
  try {
    return openNamespace(path);
  } catch (error) {
    if (GONE_CODES.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** `NOT_A_NAMESPACE` is the plain file that stays where a namespace was pinned, `ESRCH` a process that has gone. */
const GONE_CODES: readonly string[] = ['ENOENT', 'NOT_A_NAMESPACE', 'ESRCH', 'ENOTDIR'];

/** Opens the namespace that the calling thread is in. */
export function openOwnNamespace(): NetNamespace {
  // Not /proc/self: that is the main thread's, whichever thread asks.
  return openNamespace('/proc/thread-self/ns/net');
}

/** statfs type of namespace files, NSFS_MAGIC in linux/magic.h. */
const NSFS_MAGIC = 0x6e73_6673;

function open(path: string): number {
  try {
    // O_NONBLOCK: a named pipe left at that path must not hang the process.
    return openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw toNetnsError(`open network namespace "${path}"`, error);
  }
}

function toNamespace(fd: number, path: string, inode: number): NetNamespace {
  let isOpen = true;
  return {
    fd,
    path,
    inode,
    [Symbol.dispose]() {
      // The number may belong to somebody else by the second call.
      if (isOpen) closeSync(fd);
      isOpen = false;
    },
  };
}
