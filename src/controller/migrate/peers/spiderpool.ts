import {
  type KubeObject,
  type Resource,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  SPIDER_SUBNETS,
  type SpiderEndpoint,
  type SpiderIPPool,
} from '#api';
import { isJsonObject, type JsonObject } from '#base';
import { findIp, formatIp } from '#ip';
import { describe, type ForeignObject, toForeignObject } from '../foreign-object.ts';
import { type ForeignRecord, parsePodRef } from '../foreign-record.ts';
import type { Peer, Reading } from '../peer.ts';

const FINALIZERS = ['spiderpool.spidernet.io'];

/** SpiderIPPools say which pod has which address; SpiderEndpoints, on which interface. */
export const SPIDERPOOL: Peer = {
  name: 'spiderpool',
  images: /^spiderpool-(agent|controller)$/,
  keepsForStatefulSets: true,
  async read({ list }) {
    const [pools, endpoints, subnets] = await Promise.all([
      list(SPIDER_IP_POOLS),
      list(SPIDER_ENDPOINTS),
      list(SPIDER_SUBNETS),
    ]);
    const places = placesOf(endpoints);
    return {
      readings: pools.map(pool => readPool(pool, places)),
      objects: [
        ...pools.map(pool => toObject(SPIDER_IP_POOLS, pool)),
        ...endpoints.map(endpoint => toObject(SPIDER_ENDPOINTS, endpoint)),
        ...subnets.map(subnet => toObject(SPIDER_SUBNETS, subnet)),
      ],
    };
  },
};

/** The records of one pool. One that is ours says nothing that the claims do not. Pure. */
export function readPool(pool: SpiderIPPool, places: ReadonlyMap<string, Place>): Reading {
  const object = toObject(SPIDER_IP_POOLS, pool);
  const text = pool.status?.allocatedIPs ?? '';
  if (object.takeOver === undefined || text === '') return { records: [] };
  const wrong = (found: string, expected: string) => ({
    records: [],
    problem: `${describe(object)}: status.allocatedIPs ${found}, expected ${expected}`,
  });
  const allocated = parseObject(text);
  if (allocated === undefined) return wrong(`is "${text.slice(0, 100)}"`, 'a JSON object of addresses');
  const records: ForeignRecord[] = [];
  for (const [address, holder] of Object.entries(allocated)) {
    const ip = findIp(address);
    if (ip === undefined || !isJsonObject(holder)) return wrong(`holds "${address}"`, 'addresses, with who has them');
    const pod = parsePodRef(textOf(holder['pod'] ?? holder['namespacedName']));
    const uid = textOf(holder['podUid']);
    const place = places.get(`${pod?.namespace ?? ''}/${pod?.name ?? ''} ${formatIp(ip)}`);
    records.push({
      ip,
      object,
      pod: pod === undefined ? undefined : { ...pod, ...(uid === undefined ? {} : { uid }) },
      interface: place?.interface,
      ...(place === undefined || place.node === '' ? {} : { node: place.node }),
    });
  }
  return { records };
}

/** Where a pod has an address. */
interface Place {
  /** undefined: on its only one, perhaps. */
  readonly interface: string | undefined;
  readonly node: string;
}

/** By pod and address; what SpiderEndpoints do not name is left out. */
function placesOf(endpoints: readonly SpiderEndpoint[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  for (const { metadata, status } of endpoints) {
    for (const { interface: ifname, ipv4, ipv6 } of status?.current.ips ?? []) {
      for (const text of [ipv4, ipv6]) {
        const ip = text === undefined ? undefined : findIp(text.split('/')[0] ?? '');
        if (ip === undefined) continue;
        places.set(`${metadata.namespace ?? ''}/${metadata.name} ${formatIp(ip)}`, {
          interface: ifname === '' ? undefined : ifname,
          node: status?.current.node ?? '',
        });
      }
    }
  }
  return places;
}

function toObject(resource: Resource, object: KubeObject): ForeignObject {
  return toForeignObject(resource, object, {
    view: resource.kind === SPIDER_ENDPOINTS.kind,
    finalizers: FINALIZERS,
  });
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // Not JSON: the caller shows the text.
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
