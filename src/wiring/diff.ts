import type { Facts } from '#facts';
import { WiringError } from './errors.ts';
import type { Observation } from './observation.ts';
import { observeItem } from './observe.ts';
import { createLayers, layItem } from './overlay.ts';
import { takenBack } from './taken-back.ts';
import { describeItem, describePlace } from './trace.ts';
import type { Change, LinkItem, Wiring, WiringItem } from './wiring.ts';

export interface DiffOptions {
  /** By key: what the first of our attachments that uses a shared item recorded. */
  readonly ownShared?: Pick<ReadonlyMap<string, Change>, 'get'>;
}

/**
 * The changes that make the wiring true, one an item, in order. Pure.
 * A shared item that one of our attachments made comes back as the change recorded then, so that whoever is last
 * knows what to remove or restore.
 *
 * @throws WiringError LINK_EXISTS when a planned name is taken, LINK_MISSING when a link to be changed is absent
 */
export function diff(wiring: Wiring, facts: Facts, options: DiffOptions = {}): Change[] {
  // Each item is looked up in the facts as they are by then: an address brings its connected route with it.
  const layers = createLayers(facts);
  const dropped = takenBack(wiring);
  return wiring.map((item, position) => {
    if (dropped.has(position)) return { op: 'keep', item };
    const recorded = item.shared === undefined ? undefined : options.ownShared?.get(item.shared);
    const change = decide(item, observeItem(item, layers), recorded);
    if (change.op !== 'keep') layItem(layers, item);
    return change;
  });
}

function decide(item: WiringItem, seen: Observation, recorded: Change | undefined): Change {
  switch (seen.state) {
    case 'equal':
      return recorded === undefined ? { op: 'keep', item } : withItem(recorded, item);
    case 'missing':
      if (item.kind === 'link') refuseMissing(item);
      return { op: 'create', item };
    case 'different':
      // Ours, but somebody has changed it: what counts at the end is what was there before us.
      if (recorded !== undefined && recorded.op !== 'keep') return withItem(recorded, item);
      return seen.actual === undefined ? { op: 'create', item } : { op: 'replace', item, previous: seen.actual };
    case 'taken':
      throw new WiringError('LINK_EXISTS', `Cannot make ${describeItem(item)} ${describePlace(item)}: ${seen.what}`, {
        details: { place: item.place, name: item.kind === 'link' ? item.name : undefined },
      });
  }
}

/** Links that we do not make must be there. */
function refuseMissing(item: LinkItem): void {
  const { link } = item;
  if (link.type === 'existing') {
    throw new WiringError('LINK_MISSING', `Cannot set link "${item.name}" ${describePlace(item)}: no such link`, {
      details: { place: item.place, name: item.name },
    });
  }
  if (link.type !== 'moved') return;
  const from = `"${link.from}" ${describePlace({ place: link.fromPlace })}`;
  throw new WiringError('LINK_MISSING', `Cannot move link ${from} to "${item.name}": no such link`, {
    details: { place: link.fromPlace, name: link.from },
  });
}

function withItem(recorded: Change, item: WiringItem): Change {
  return { ...recorded, item };
}
