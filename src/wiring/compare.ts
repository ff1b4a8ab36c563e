import type { Facts } from '#facts';
import { observeItem } from './observe.ts';
import { takenBack } from './taken-back.ts';
import { describeItem, describePlace } from './trace.ts';
import type { Difference, Wiring, WiringItem } from './wiring.ts';

/**
 * What the kernel lacks of the wiring: missing and different items, one sentence each. Empty when all is well. Pure.
 * What is there beyond the wiring is ignored, since others work in the pod too.
 */
export function compare(wiring: Wiring, facts: Facts): Difference[] {
  const dropped = takenBack(wiring);
  return wiring.flatMap((item, position) => (dropped.has(position) ? [] : compareItem(item, facts)));
}

function compareItem(item: WiringItem, facts: Facts): Difference[] {
  const seen = observeItem(item, facts);
  switch (seen.state) {
    case 'equal':
      return [];
    case 'missing':
      if (isMeaningless(item)) return [];
      return [{ item, message: `${describeItem(item)} is missing ${describePlace(item)}` }];
    case 'different': {
      const message = `${describeItem(item)} ${describePlace(item)} is not as planned: ${seen.wrong}`;
      return [seen.actual === undefined ? { item, message } : { item, actual: seen.actual, message }];
    }
    case 'taken':
      return [{ item, message: `${describeItem(item)} is missing ${describePlace(item)}: ${seen.what}` }];
  }
}

/** A kernel without IPv6 has no such sysctl and nothing that it could change; of a virtual function not every driver tells all. */
function isMeaningless(item: WiringItem): boolean {
  return item.kind === 'vf' || (item.kind === 'sysctl' && item.path.startsWith('net/ipv6/'));
}
