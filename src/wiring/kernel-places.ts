import { findIfindex } from '#netlink';
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
  /** Whether the kernel holds exactly this now. */
  has(item: WiringItem): boolean;
}

export function createKernelPlaces(handles: Handles): KernelPlaces {
  const known = new Map<string, number>();

  function at(place: Place): PlaceHandle {
    const handle = handles[place];
    if (handle !== undefined) return handle;
    throw new WiringError('POD_NAMESPACE_MISSING', "The pod's network namespace is gone, or is the host's own");
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
    has: item => observeKernel(item, handles).state === 'equal',
  };
}
