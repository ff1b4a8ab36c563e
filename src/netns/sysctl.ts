import { readFileSync, writeFileSync } from 'node:fs';
import { codeOf } from '#base';
import { NetnsError, toNetnsError } from './errors.ts';
import type { NetNamespace } from './net-namespace.ts';
import { runSync } from './run-sync.ts';

/**
 * A network sysctl's value without its line end, or undefined when the kernel has no such file (a link that is gone).
 * Without `ns`, the process's own namespace is read.
 * Same as: `ip netns exec NS sysctl -n net/ipv4/ip_forward`
 *
 * @param path below `/proc/sys`, with slashes: `net/ipv4/conf/eth0.7/rp_filter`
 * @throws NetnsError with code "BAD_SYSCTL_PATH" when the path is not below `net/`
 */
export function readSysctl(ns: NetNamespace | undefined, path: string): string | undefined {
  const file = toFile(path);
  try {
    return inside(ns, () => readFileSync(file, 'latin1')).trimEnd();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw toNetnsError(`read sysctl "${path}"${place(ns)}`, error);
  }
}

/**
 * Sets a network sysctl. Without `ns`, in the process's own namespace.
 * Same as: `ip netns exec NS sysctl -w net/ipv4/ip_forward=1`
 *
 * @throws NetnsError with code "ENOENT" when the kernel has no such file, "EINVAL" when it refuses the value,
 *   "EROFS" in a container with a read-only /proc, "BAD_SYSCTL_PATH" when the path is not below `net/`
 */
export function writeSysctl(ns: NetNamespace | undefined, path: string, value: string): void {
  const file = toFile(path);
  try {
    // Flag r+: a missing file must be an error, never an attempt to create one.
    inside(ns, () => writeFileSync(file, value, { flag: 'r+' }));
  } catch (error) {
    throw toNetnsError(`set sysctl "${path}" to "${value}"${place(ns)}`, error);
  }
}

function inside<T>(ns: NetNamespace | undefined, fn: () => T): T {
  return ns === undefined ? fn() : runSync(ns, fn);
}

function place(ns: NetNamespace | undefined): string {
  return ns === undefined ? '' : ` in "${ns.path}"`;
}

/** Only what belongs to a network namespace, and no way out of it: everything else under /proc/sys is the machine's. */
function toFile(path: string): string {
  const segments = path.split('/');
  const isBelowNet = segments[0] === 'net' && segments.length > 1;
  if (
    !isBelowNet ||
    segments.some(segment => segment === '' || segment === '.' || segment === '..' || segment.includes('\0'))
  ) {
    throw new NetnsError(
      'BAD_SYSCTL_PATH',
      `Cannot use sysctl "${path}": expected a path below net/ without empty or dot segments`,
    );
  }
  return `/proc/sys/${path}`;
}
