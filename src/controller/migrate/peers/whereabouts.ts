import {
  type KubeObject,
  NODE_SLICE_POOLS,
  OVERLAPPING_RANGE_IP_RESERVATIONS,
  type OverlappingRangeIPReservation,
  type Resource,
  WHEREABOUTS_IP_POOLS,
  type WhereaboutsIPPool,
} from '#api';
import { bitsOf, findIp, findPrefix, formatIp, type Ip } from '#ip';
import { describe, type ForeignObject, toForeignObject } from '../foreign-object.ts';
import { type ForeignRecord, parsePodRef } from '../foreign-record.ts';
import type { Peer, Reading } from '../peer.ts';

/** IPPools say who has which address; reservations say it again, and are all there is of a pool that was deleted. */
export const WHEREABOUTS: Peer = {
  name: 'whereabouts',
  // Multus starts the program `whereabouts` on every node that it runs on.
  images: /^(whereabouts|multus-cni)$/,
  keepsForStatefulSets: false,
  async read({ list }) {
    const [pools, reservations, slices] = await Promise.all([
      list(WHEREABOUTS_IP_POOLS),
      list(OVERLAPPING_RANGE_IP_RESERVATIONS),
      list(NODE_SLICE_POOLS),
    ]);
    const readings = pools.map(readPool);
    const known = new Set(readings.flatMap(({ records }) => records.map(keyOf)));
    // Each says again what a pool says, unless that pool has gone.
    const alone = reservations.flatMap(readReservation).filter(record => !known.has(keyOf(record)));
    return {
      readings: [...readings, { records: alone }],
      objects: [
        ...pools.map(pool => toObject(WHEREABOUTS_IP_POOLS, pool)),
        ...reservations.map(reservation => toObject(OVERLAPPING_RANGE_IP_RESERVATIONS, reservation)),
        ...slices.map(slice => toObject(NODE_SLICE_POOLS, slice)),
      ],
    };
  },
};

/** The records of one pool. A view of ours says nothing that the claims do not. Pure. */
export function readPool(pool: WhereaboutsIPPool): Reading {
  const object = toObject(WHEREABOUTS_IP_POOLS, pool);
  if (object.takeOver === undefined) return { records: [] };
  const range = findPrefix(pool.spec.range);
  if (range === undefined) {
    return { records: [], problem: `${describe(object)}: spec.range is "${pool.spec.range}", expected a prefix` };
  }
  const { family, network, length } = range;
  const size = 1n << BigInt(bitsOf(family) - length);
  const records: ForeignRecord[] = [];
  for (const [text, { podref, ifname }] of Object.entries(pool.spec.allocations ?? {})) {
    const offset = /^\d+$/.test(text) ? BigInt(text) : size;
    if (offset >= size) {
      const problem = `${describe(object)}: spec.allocations holds "${text}", expected offsets below ${size}`;
      return { records, problem };
    }
    records.push({
      ip: { family, value: network + offset },
      object,
      pod: parsePodRef(podref),
      interface: ifname === '' ? undefined : ifname,
    });
  }
  return { records };
}

function toObject(resource: Resource, object: KubeObject): ForeignObject {
  return toForeignObject(resource, object, { view: true });
}

/** The address in a reservation's name, after the network's where that has one: `10.0.0.5`, `blue-fd00--5`. */
export function ipOfReservation(name: string): Ip | undefined {
  const parts = name.split('-');
  for (let from = 0; from < parts.length; from++) {
    const ip = findIp(parts.slice(from).join(':'));
    if (ip !== undefined) return ip;
  }
  return undefined;
}

function readReservation(reservation: OverlappingRangeIPReservation): readonly ForeignRecord[] {
  const object = toObject(OVERLAPPING_RANGE_IP_RESERVATIONS, reservation);
  const ip = ipOfReservation(reservation.metadata.name);
  const { podref, ifname } = reservation.spec;
  if (ip === undefined || object.takeOver === undefined) return [];
  return [{ ip, object, pod: parsePodRef(podref), interface: ifname === '' ? undefined : ifname }];
}

function keyOf({ ip, pod }: ForeignRecord): string {
  return `${formatIp(ip)} ${pod?.namespace ?? ''}/${pod?.name ?? ''}`;
}
