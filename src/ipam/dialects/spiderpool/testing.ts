import type {
  IPAllocation,
  KubeObject,
  Resource,
  SpiderIPPool,
  SpiderIPPoolSpec,
  SpiderReservedIP,
  SpiderSubnet,
} from '#api';
import type { PoolCatalog } from '../../pool-catalog.ts';

/** A pool of 172.18.0.0/16 with these fields. */
export function poolOf(
  name: string,
  spec: Partial<SpiderIPPoolSpec> = {},
  metadata: Partial<SpiderIPPool['metadata']> = {},
): SpiderIPPool {
  return {
    metadata: { name, uid: `uid-${name}`, ...metadata },
    spec: { subnet: '172.18.0.0/16', ips: ['172.18.30.131-172.18.30.140'], gateway: '172.18.0.1', ...spec },
  };
}

/** A pool of fd00:30::/64 with these fields. */
export function pool6Of(name: string, spec: Partial<SpiderIPPoolSpec> = {}): SpiderIPPool {
  return poolOf(name, { subnet: 'fd00:30::/64', ips: ['fd00:30::100-fd00:30::1ff'], gateway: 'fd00:30::1', ...spec });
}

/** A subnet of 172.18.0.0/16 with these fields. */
export function subnetOf(name: string, spec: Partial<SpiderSubnet['spec']> = {}): SpiderSubnet {
  return {
    metadata: { name, uid: `uid-${name}` },
    spec: { subnet: '172.18.0.0/16', ips: ['172.18.30.1-172.18.30.200'], gateway: '172.18.0.1', ...spec },
  };
}

/** Reserved addresses. */
export function reservedOf(name: string, ips: readonly string[], ipVersion?: number): SpiderReservedIP {
  return { metadata: { name }, spec: { ips, ...(ipVersion === undefined ? {} : { ipVersion }) } };
}

/** A claim on an address of a pool. */
export function claimOf(pool: string, address: string, pod = 'default/web-0'): IPAllocation {
  const [podNamespace = '', podName = ''] = pod.split('/');
  return {
    metadata: { name: `default-${address.split('/')[0]?.replaceAll(':', '-')}`, uid: `uid-${address}` },
    spec: {
      address,
      pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: pool },
      owner: { podNamespace, podName, podUid: `uid-${podName}`, network: 'default/lan', interface: 'eth0', slot: 0 },
      node: 'n1',
      policy: 'Ephemeral',
    },
  };
}

/** A catalog of these objects. */
export function catalogOf(
  objects: readonly (readonly [Resource, KubeObject])[] = [],
): PoolCatalog & { put(resource: Resource, object: KubeObject): void } {
  const all = [...objects];
  const listeners = new Set<(change: { type: 'put'; object: KubeObject }) => void>();
  const keyOf = ({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string =>
    `${namespace}/${name}`;
  const readings = new Map<KubeObject, Map<unknown, unknown>>();
  function list<T extends KubeObject>(resource: Resource<T>): readonly T[] {
    // The test has put objects of that kind there.
    return all.flatMap(([of, object]) =>
      of.plural === resource.plural && of.group === resource.group ? [object as T] : [],
    );
  }
  function find<T extends KubeObject>(
    resource: Resource<T>,
    name: { readonly namespace?: string; readonly name: string },
  ): T | undefined {
    return list(resource).find(({ metadata }) => keyOf(metadata) === keyOf(name));
  }
  return {
    of: async resource => ({
      find: name => find(resource, name),
      list: () => list(resource),
      subscribe(listener) {
        const own = listener as (change: { type: 'put'; object: KubeObject }) => void;
        listeners.add(own);
        return () => void listeners.delete(own);
      },
    }),
    named: async (resource, name) => list(resource).filter(({ metadata }) => metadata.name === name),
    get: async (resource, name) => find(resource, name),
    remember: (_key, find) => find(),
    read<T extends KubeObject, R>(object: T, read: (object: T) => R): R {
      const known = readings.get(object) ?? new Map<unknown, unknown>();
      readings.set(object, known);
      if (!known.has(read)) known.set(read, read(object));
      return known.get(read) as R;
    },
    put(resource, object) {
      all.push([resource, object]);
      for (const listener of [...listeners]) listener({ type: 'put', object });
    },
  };
}
