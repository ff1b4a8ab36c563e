import { type NetNamespace, readSysctl } from '#netns';

/** The values of those sysctls that the kernel has, by path. Without `ns`, the process's own namespace is read. */
export function readSysctls(ns: NetNamespace | undefined, paths: readonly string[]): Readonly<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const path of paths) {
    const value = readSysctl(ns, path);
    if (value !== undefined) values[path] = value;
  }
  return values;
}
