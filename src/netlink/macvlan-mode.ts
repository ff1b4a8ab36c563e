import type { MacvlanMode } from './fact.ts';

/** MACVLAN_MODE_* of linux/if_link.h. */
const MODES: Readonly<Record<MacvlanMode, number>> = { private: 1, vepa: 2, bridge: 4, passthru: 8, source: 16 };

export function encodeMacvlanMode(mode: MacvlanMode): number {
  return MODES[mode];
}

/** undefined for a mode that is newer than this table. */
export function decodeMacvlanMode(value: number): MacvlanMode | undefined {
  // `as`: Object.entries() widens the keys of a Record to string.
  return Object.entries(MODES).find(([, number]) => number === value)?.[0] as MacvlanMode | undefined;
}
