import { randomInt } from 'node:crypto';
import { findIfindex, type LinkFact, listLinks } from '#netlink';
import { WiringError } from './errors.ts';
import type { Handles, PlaceHandle } from './handles.ts';
import { observeKernel } from './observe-kernel.ts';
import type { Place, WiringItem } from './wiring.ts';

/** The namespaces of one apply, with link names resolved once. */
export interface KernelPlaces {
  /** @throws WiringError POD_NAMESPACE_MISSING */
  at(place: Place): PlaceHandle;
  /** Index of a link by name. @throws WiringError FACTS_STALE when there is none */
  ifindex(place: Place, name: string): number;
  /** To be called when a link has got this name: an index known for it is that of its predecessor. */
  forget(place: Place, name: string): void;
  /** To be called when a link was made with this index. */
  made(place: Place, name: string, ifindex: number): void;
  /** An index that no link has in either namespace, a new one with each call; in the pod above those of its earlier links. */
  freeIfindex(place: Place): number;
  /** Whether the kernel holds exactly this now. */
  has(item: WiringItem): boolean;
}

/** The links of both namespaces, as somebody has just seen them. */
export type SeenLinks = Readonly<Record<Place, readonly Pick<LinkFact, 'name' | 'ifindex'>[]>>;

/** @param seen what need not be asked for again */
export function createKernelPlaces(handles: Handles, seen?: SeenLinks): KernelPlaces {
  const known = new Map<string, number>();
  for (const place of PLACES)
    for (const { name, ifindex } of seen?.[place] ?? []) known.set(`${place}/${name}`, ifindex);
  let taken: Set<number> | undefined;
  let highest: number | undefined;

  function at(place: Place): PlaceHandle {
    const handle = handles[place];
    if (handle !== undefined) return handle;
    throw new WiringError('POD_NAMESPACE_MISSING', "The pod's network namespace is gone, or is the host's own");
  }

  function linksIn(place: Place): SeenLinks[Place] {
    const handle = handles[place];
    return seen?.[place] ?? (handle === undefined ? [] : listLinks(handle.socket));
  }

  return {
    at,
    ifindex(place, name) {
      const key = `${place}/${name}`;
      const ifindex = known.get(key) ?? findIfindex(at(place).socket, name);
      if (ifindex === undefined) {
        throw new WiringError(
          'FACTS_STALE',
          `Link "${name}" ${place === 'pod' ? 'in the pod' : 'on the host'} is gone`,
          {
            details: { place, name },
            retriable: true,
          },
        );
      }
      known.set(key, ifindex);
      return ifindex;
    },
    forget(place, name) {
      known.delete(`${place}/${name}`);
    },
    made(place, name, ifindex) {
      known.set(`${place}/${name}`, ifindex);
    },
    freeIfindex(place) {
      taken ??= new Set(PLACES.flatMap(each => linksIn(each).map(({ ifindex }) => ifindex)));
      // Links are listed by index: a pod's come in the order in which they were made.
      highest ??= linksIn('pod').reduce((most, { ifindex }) => Math.max(most, ifindex), 0);
      const hasRoom = highest >= INDEX_RANGE[0] && highest < INDEX_RANGE[1] - 1;
      let ifindex = place === 'pod' && hasRoom ? highest + 1 : randomInt(...INDEX_RANGE);
      while (taken.has(ifindex)) ifindex = randomInt(...INDEX_RANGE);
      taken.add(ifindex);
      if (place === 'pod') highest = ifindex;
      return ifindex;
    },
    has: item => observeKernel(item, handles).state === 'equal',
  };
}

const PLACES: readonly Place[] = ['host', 'pod'];

/** Far from those that the kernel counts up: whoever else makes a link at this moment does not get ours. */
const INDEX_RANGE = [2 ** 16, 2 ** 24] as const;
