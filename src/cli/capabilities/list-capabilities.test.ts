import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KernelCapabilities } from '#facts';
import { plugins } from '#plugins';
import { formatCapabilities } from './format-capabilities.ts';
import { listCapabilities } from './list-capabilities.ts';

const EVERYTHING: KernelCapabilities = {
  release: '6.1.0',
  linkKinds: {
    bond: true,
    bridge: true,
    dummy: true,
    ipvlan: true,
    macvlan: true,
    veth: true,
    vlan: true,
    vrf: true,
    vxlan: true,
  },
  nftFamilies: { inet: true, ip: true, ip6: true, bridge: true },
  ipv6: true,
  namespaces: { net: true, mnt: true, pid: true, user: true },
};

/** They take links that are there, or none. */
const MAKE_NO_LINK = new Set(['host-device', 'loopback', 'passthru', 'sriov']);

test('listCapabilities() says for every plugin which link kind it needs', () => {
  const needed = new Set(listCapabilities(EVERYTHING).flatMap(({ neededBy }) => neededBy.split(', ')));
  const absent = plugins.map(({ type }) => type).filter(type => !needed.has(type) && !MAKE_NO_LINK.has(type));
  assert.deepEqual(absent, []);
});

test('formatCapabilities() gives a cure for what is missing, and for nothing else', () => {
  const found = { ...EVERYTHING, ipv6: false, linkKinds: { ...EVERYTHING.linkKinds, vlan: false } };
  const text = formatCapabilities(found.release, listCapabilities(found));
  assert.deepEqual(text.split('\n').slice(0, 3), [
    'kernel 6.1.0',
    '',
    'NAME                    PRESENT  NEEDED BY                                CURE',
  ]);
  assert.match(text, /^link kind macvlan {7}yes {6}macvlan$/m);
  assert.match(text, /^link kind vlan +no +vlan +modprobe 8021q, or a kernel with CONFIG_VLAN_8021Q$/m);
  assert.equal(text.split('\n').filter(line => line.includes('a kernel with')).length, 2);
});
