import { isSameRoute, wantedRoute } from './route-identity.ts';
import type { AbsentItem, Wiring, WiringItem } from './wiring.ts';

/** Positions of the items that a later one of the same wiring takes back: they are not to be made. Pure. */
export function takenBack(wiring: Wiring): ReadonlySet<number> {
  const positions = new Set<number>();
  for (const [at, absent] of wiring.entries()) {
    if (absent.kind !== 'absent') continue;
    for (const [before, item] of wiring.slice(0, at).entries()) if (isOf(absent, item)) positions.add(before);
  }
  return positions;
}

function isOf({ place, what }: AbsentItem, item: WiringItem): boolean {
  if (item.place !== place || item.shared !== undefined) return false;
  if (item.kind === 'route' && what.kind === 'route') return isSameRoute(wantedRoute(item), wantedRoute(what));
  return item.kind === 'address' && what.kind === 'address' && item.dev === what.dev && item.address === what.address;
}
