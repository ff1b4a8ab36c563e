import { existsSync } from 'node:fs';

/** One plugin with one configuration, to be run in every version. */
export interface ConformanceCase {
  readonly plugin: string;
  /** Link kind that the kernel must have. */
  readonly kind?: string;
  /** The interface that it makes in the pod. */
  readonly dev?: 'eth0' | 'lo';
  readonly keys: Readonly<Record<string, unknown>>;
}

/** Both families, default routes without next hop, and one by a next hop of its own. */
function ipam(dataDir: string) {
  return {
    type: 'host-local',
    dataDir,
    ranges: [[{ subnet: '172.18.0.0/24', gateway: '172.18.0.1' }], [{ subnet: 'fd00::/64' }]],
    routes: [{ dst: '0.0.0.0/0' }, { dst: '10.0.0.0/8', gw: '172.18.0.9' }, { dst: '::/0' }],
  };
}

const dns = { nameservers: ['172.18.0.53'], domain: 'lan', search: ['lan', 'wan'], options: ['ndots:2'] };

const ALL: readonly ConformanceCase[] = [
  { plugin: 'macvlan', kind: 'macvlan', dev: 'eth0', keys: { master: 'up0', mode: 'bridge', dns } },
  { plugin: 'ipvlan', kind: 'ipvlan', dev: 'eth0', keys: { master: 'up0', mode: 'l2', dns } },
  { plugin: 'vlan', kind: 'vlan', dev: 'eth0', keys: { master: 'up0', vlanId: 7, dns } },
  { plugin: 'bridge', dev: 'eth0', keys: { bridge: 'ulconf0', isGateway: true, dns } },
  { plugin: 'ptp', dev: 'eth0', keys: { dns } },
  { plugin: 'host-local', keys: { dns } },
  { plugin: 'loopback', dev: 'lo', keys: {} },
];

/** What is there of ours to be compared. */
export const cases: readonly ConformanceCase[] = ALL.filter(({ plugin }) => existsSync(`dist/cni/${plugin}`));

/** What goes to the plugin's stdin. Node-local state gets a network name of its own, so that every run begins afresh. */
export function configOf({ plugin, keys }: ConformanceCase, cniVersion: string, dataDir: string) {
  const own = plugin === 'loopback' ? keys : { ...keys, ipam: ipam(dataDir) };
  return { cniVersion, name: `conf-${plugin}-${cniVersion}`, type: plugin, ...own };
}
