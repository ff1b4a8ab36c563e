import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KUBE_OVN_IP_POOLS, KUBE_OVN_SUBNETS, type KubeOvnIPPool, type KubeOvnSubnet } from '#api';
import type { IntervalSet } from '#ip';
import { createReadings } from '../../catalog/readings.ts';
import { catalogOf } from '../../testing.ts';
import { shareSubnet } from './subnet-shares.ts';
import { podWith, poolOf, spell, subnetOf, wishesOf } from './testing.ts';

test('shareSubnet() divides a Subnet between itself and its IPPools, less what it excludes or does not have', () => {
  const subnet = subnetOf({ cidrBlock: '10.0.0.0/28,fd00::/124', excludeIps: ['10.0.0.2', 'fd00::2..fd00::4'] });
  const pools = [poolOf('a', ['10.0.0.2..10.0.0.5', 'fd00::4/127']), poolOf('b', ['10.0.0.12..10.0.1.3'])];
  const shares = shareSubnet([subnet, ...pools], createReadings().read);
  const texts = (family: 4 | 6): readonly string[] =>
    [shares[family]?.own, shares[family]?.ofPools.get('a'), shares[family]?.ofPools.get('b')].map(set =>
      spell(family, set ?? []),
    );
  assert.deepEqual(texts(4), ['10.0.0.6-10.0.0.11', '10.0.0.3-10.0.0.5', '10.0.0.12-10.0.0.14']);
  assert.deepEqual(texts(6), ['fd00::6-fd00::e', 'fd00::5', '']);
});

/** What the pod gets from the first pool of its first wish, as a catalog has it that keeps what it has read. */
async function setFrom(
  catalog: ReturnType<typeof catalogOf>,
  keys: Readonly<Record<string, string>>,
): Promise<IntervalSet> {
  const { alternatives } = await wishesOf({}, { catalog, pod: podWith(keys) });
  return alternatives[0]?.[0]?.pools[0]?.usable ?? [];
}

test('kubeOvnWishes() reads thousands of texts again only when they change, not when a status counts', async () => {
  const ips = Array.from({ length: 5000 }, (_, index) => `172.17.${index >> 7}.${(index & 127) * 2}`);
  const subnet: KubeOvnSubnet = subnetOf({ excludeIps: ips.map(ip => ip.replace(/\d+$/, last => `${+last + 1}`)) });
  const pool: KubeOvnIPPool = poolOf('big', ips);
  const readings = createReadings();
  const versionOf = (count: number, list: readonly string[]) => {
    const status = { v4usingIPs: count, v4UsingIPs: count };
    const objects = [
      [KUBE_OVN_SUBNETS, { ...subnet, metadata: { ...subnet.metadata, uid: 's' }, status }],
      [KUBE_OVN_IP_POOLS, { metadata: { name: 'big', uid: 'p' }, spec: { ...pool.spec, ips: [...list] }, status }],
    ] as const;
    return { ...catalogOf(objects), ...readings };
  };
  for (const keys of [{}, { ip_pool: 'big' }]) {
    const before = await setFrom(versionOf(1, ips), keys);
    assert.ok(before.length > 0);
    assert.equal(await setFrom(versionOf(2, ips), keys), before, JSON.stringify(keys));
    assert.notDeepEqual(await setFrom(versionOf(3, ips.slice(0, -1)), keys), before, JSON.stringify(keys));
  }
});
