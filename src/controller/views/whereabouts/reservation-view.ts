import { OVERLAPPING_RANGE_IP_RESERVATIONS, type OverlappingRangeIPReservation } from '#api';
import { isOurs, VIEW_LABELS } from '../ours.ts';
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
export function compareReservation({
  name,
  claims: [claim],
  object,
}: Seen<OverlappingRangeIPReservation>): ViewChange<OverlappingRangeIPReservation> {
  if (object !== undefined && !isOurs(object)) return { kind: 'foreign' };
  if (claim === undefined) return { kind: object === undefined ? 'none' : 'delete' };
  const { id, podref, ifname } = holderOf(claim);
  const spec = { containerid: id, podref, ifname };
  if (object === undefined) return { kind: 'create', object: { metadata: { ...name, labels: VIEW_LABELS }, spec } };
  const isSame = object.spec.containerid === id && object.spec.podref === podref && object.spec.ifname === ifname;
  return isSame ? { kind: 'none' } : { kind: 'patch', body: { spec } };
}
