import { OVERLAPPING_RANGE_IP_RESERVATIONS, type OverlappingRangeIPReservation } from '#api';
import { compareMade } from '../compare-made.ts';
import type { Seen, View, ViewChange } from '../view.ts';
import { holderOf } from './holder.ts';
import { placeOf } from './pool-place.ts';

/** Whereabouts' OverlappingRangeIPReservations: one for each address that is held. */
export function whereaboutsReservationView(namespace: string): View<OverlappingRangeIPReservation> {
  return {
    resource: OVERLAPPING_RANGE_IP_RESERVATIONS,
    query: { namespace },
    namesOf(claim) {
      const place = placeOf(claim);
      return place === undefined ? [] : [{ namespace, name: place.reservation }];
    },
    compare: compareReservation,
  };
}

/** What is missing in a reservation. The container's ID is in it since older definitions ask for one. */
export function compareReservation(
  seen: Seen<OverlappingRangeIPReservation>,
): ViewChange<OverlappingRangeIPReservation> {
  const [claim] = seen.claims;
  if (claim === undefined) return compareMade(seen, undefined);
  const { id, podref, ifname } = holderOf(claim);
  const spec = { containerid: id, podref, ifname };
  return compareMade(seen, {
    create: metadata => ({ metadata, spec }),
    patch({ spec: { containerid, podref: pod, ifname: name } }) {
      return containerid === id && pod === podref && name === ifname ? undefined : { spec };
    },
  });
}
