import type { LinkFact } from '#netlink';
import { type NetNamespace, readSysctl, runSync } from '#netns';

/**
 * The values of those sysctls that the kernel has, by path. Without `ns`, the process's own namespace is read.
 *
 * @param links of that namespace: sysctls of devices that are not among them are not even asked for
 */
export function readSysctls(
  ns: NetNamespace | undefined,
  paths: readonly string[],
  links: readonly LinkFact[],
): Readonly<Record<string, string>> {
  const names = new Set(links.map(({ name }) => name));
  const present = paths.filter(path => isPresent(path, names));
  if (present.length === 0) return {};
  // One way in and out for all of them: entering costs more than reading.
  const read = (): Readonly<Record<string, string>> => {
    const values: Record<string, string> = {};
    for (const path of present) {
      const value = readSysctl(undefined, path);
      if (value !== undefined) values[path] = value;
    }
    return values;
  };
  return ns === undefined ? read() : runSync(ns, read);
}

/** `net/ipv4/conf/DEV/key` and `net/ipv6/neigh/DEV/key` come and go with their device. */
function isPresent(path: string, links: ReadonlySet<string>): boolean {
  const [, , kind, dev] = path.split('/');
  if ((kind !== 'conf' && kind !== 'neigh') || dev === undefined) return true;
  return dev === 'all' || dev === 'default' || links.has(dev);
}
