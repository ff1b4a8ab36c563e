import type { Place, Wiring } from './wiring.ts';

/** Paths of the sysctls in `place` whose current values `diff` and `compare` look at; each once. */
export function requiredSysctls(wiring: Wiring, place: Place): string[] {
  const paths = wiring.flatMap(item => (item.kind === 'sysctl' && item.place === place ? [item.path] : []));
  return [...new Set(paths)];
}
