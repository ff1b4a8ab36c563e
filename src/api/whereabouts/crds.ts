import { type Crd, toCrd } from '../to-crd.ts';
import { NODE_SLICE_POOLS } from './node-slice-pool.ts';
import { nodeSlicePoolSchema } from './node-slice-pool-schema.ts';
import { OVERLAPPING_RANGE_IP_RESERVATIONS } from './overlapping-range-ip-reservation.ts';
import { overlappingRangeIPReservationSchema } from './overlapping-range-ip-reservation-schema.ts';
import { WHEREABOUTS_IP_POOLS } from './whereabouts-ip-pool.ts';
import { whereaboutsIPPoolSchema } from './whereabouts-ip-pool-schema.ts';

/** The kinds that users of Whereabouts look at. */
export function listWhereaboutsCrds(): readonly Crd[] {
  return [
    toCrd({
      resource: WHEREABOUTS_IP_POOLS,
      singular: 'ippool',
      shortNames: [],
      description: 'Who holds what of a range: a view of the IPAllocations, which nothing reads to decide.',
      schema: whereaboutsIPPoolSchema(),
      columns: [],
    }),
    toCrd({
      resource: OVERLAPPING_RANGE_IP_RESERVATIONS,
      singular: 'overlappingrangeipreservation',
      shortNames: [],
      description:
        'An address that is held in the whole cluster: a view of its IPAllocation, which nothing reads to decide.',
      schema: overlappingRangeIPReservationSchema(),
      columns: [],
    }),
    toCrd({
      resource: NODE_SLICE_POOLS,
      singular: 'nodeslicepool',
      shortNames: [],
      description: "Which part of a range is which node's: a view, which nothing reads to decide.",
      schema: nodeSlicePoolSchema(),
      columns: [],
    }),
  ];
}
