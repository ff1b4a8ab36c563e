import type { KubeObject, Resource } from '../object.ts';

/** An address that is held in the whole cluster, as Whereabouts keeps it beside its pools; the name is the address. Here a view. */
export interface OverlappingRangeIPReservation extends KubeObject {
  readonly spec: OverlappingRangeIPReservationSpec;
}

export interface OverlappingRangeIPReservationSpec {
  /** Asked for by older definitions, never by newer ones. */
  readonly containerid?: string;
  /** `namespace/name`. */
  readonly podref?: string;
  readonly ifname?: string;
}

export const OVERLAPPING_RANGE_IP_RESERVATIONS: Resource<OverlappingRangeIPReservation> = {
  group: 'whereabouts.cni.cncf.io',
  version: 'v1alpha1',
  plural: 'overlappingrangeipreservations',
  kind: 'OverlappingRangeIPReservation',
  isNamespaced: true,
};
