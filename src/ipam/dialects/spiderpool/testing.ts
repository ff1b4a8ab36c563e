import type { IPAllocation, SpiderIPPool, SpiderIPPoolSpec, SpiderReservedIP, SpiderSubnet } from '#api';
import { claimOn } from '../../../api/testing.ts';

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
  return claimOn(address, {
    pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: pool },
    owner: { podNamespace, podName },
  });
}
