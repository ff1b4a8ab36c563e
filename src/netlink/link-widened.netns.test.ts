import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { setBridgeVlans, withBridgeVlans } from './bridge-vlan.ts';
import { createLink, createVeth, type NewLinkSpec } from './create-link.ts';
import { findLink, listLinks, moveLink, setLink } from './link.ts';
import type { LinkData } from './link-data.ts';
import type { RouteSocket } from './route-socket.ts';
import { type IpObject, skipUnlessKind, type TestNamespace, withNamespaces } from './testing.ts';

const options = skipUnlessRing2();

function indexOf(socket: RouteSocket, name: string): number {
  const ifindex = findLink(socket, name)?.ifindex;
  assert.ok(ifindex !== undefined, `link ${name}`);
  return ifindex;
}

function infoOf(here: TestNamespace, name: string): IpObject {
  const link = here.ipJson('link show').find(each => each['ifname'] === name);
  assert.ok(link !== undefined, `ip knows no ${name}`);
  return link['linkinfo'] as IpObject;
}

function makes(
  kind: LinkData['kind'],
  what: string,
  data: LinkData,
  isChild: boolean,
  expected: IpObject,
  fact: IpObject,
) {
  test(`createLink() makes ${what}, and findLink() tells it`, skipUnlessKind(options, kind), () =>
    withNamespaces((pod, node) => {
      node.ip('link add eth0 up type veth peer name lan0');
      const parent: Partial<NewLinkSpec> = isChild
        ? { parentIfindex: indexOf(node.socket, 'eth0'), birthplace: { ns: pod.ns, ifindex: 4711 } }
        : {};
      const { socket } = isChild ? node : pod;
      createLink(socket, { name: 'eth0', isUp: true, ...parent, data });
      const info = infoOf(pod, 'eth0');
      assert.equal(info['info_kind'], kind);
      const seen = (info['info_data'] ?? {}) as IpObject;
      for (const [key, value] of Object.entries(expected)) assert.deepEqual(seen[key], value, key);
      const found = findLink(pod.socket, 'eth0') as IpObject | undefined;
      for (const [key, value] of Object.entries({ kind, isUp: true, ...fact })) assert.equal(found?.[key], value, key);
      if (isChild) assert.equal(found?.['linkIfindex'], indexOf(node.socket, 'eth0'));
      const again = isChild ? { ...parent, birthplace: { ns: pod.ns, ifindex: 4712 } } : {};
      assert.throws(() => createLink(socket, { name: 'eth0', ...again, data }), { code: 'EEXIST' });
    }),
  );
}

const ipvlanFact = (mode: string, flag = 'bridge') => ({ ipvlanMode: mode, ipvlanFlag: flag });
makes('ipvlan', 'an ipvlan l2', { kind: 'ipvlan', mode: 'l2' }, true, { mode: 'l2' }, ipvlanFact('l2'));
makes('ipvlan', 'an ipvlan l3', { kind: 'ipvlan', mode: 'l3' }, true, { mode: 'l3' }, ipvlanFact('l3'));
makes('ipvlan', 'an ipvlan l3s', { kind: 'ipvlan', mode: 'l3s' }, true, { mode: 'l3s' }, ipvlanFact('l3s'));
makes(
  'ipvlan',
  'a private ipvlan',
  { kind: 'ipvlan', mode: 'l2', flag: 'private' },
  true,
  { private: true },
  ipvlanFact('l2', 'private'),
);
makes(
  'vlan',
  'a VLAN',
  { kind: 'vlan', id: 100 },
  true,
  { id: 100, protocol: '802.1Q' },
  { vlanId: 100, vlanProtocol: '802.1Q' },
);
makes(
  'vlan',
  'a service VLAN',
  { kind: 'vlan', id: 7, protocol: '802.1ad' },
  true,
  { id: 7, protocol: '802.1ad' },
  { vlanId: 7, vlanProtocol: '802.1ad' },
);
makes('dummy', 'a dummy', { kind: 'dummy' }, false, {}, {});
makes('vxlan', 'a vxlan', { kind: 'vxlan', id: 42 }, false, { id: 42, port: 4789 }, { vxlanId: 42 });
makes(
  'bond',
  'a bond',
  { kind: 'bond', mode: 1, miimonMs: 100 },
  false,
  { mode: 'active-backup', miimon: 100 },
  { bondMode: 1 },
);
makes('vrf', 'a vrf', { kind: 'vrf', table: 77 }, false, { table: 77 }, { vrfTable: 77 });

test('createLink() makes no second VLAN of an id on one parent, and says so', skipUnlessKind(options, 'vlan'), () =>
  withNamespaces((pod, node) => {
    node.ip('link add eth0 up type veth peer name lan0');
    const spec = {
      parentIfindex: indexOf(node.socket, 'eth0'),
      data: { kind: 'vlan', id: 5 },
    } as const;
    createLink(node.socket, { name: 'a', ...spec, birthplace: { ns: pod.ns, ifindex: 4711 } });
    const again = { name: 'b', ...spec, birthplace: { ns: pod.ns, ifindex: 4712 } };
    assert.throws(() => createLink(node.socket, again), {
      code: 'EEXIST',
      message: /^Cannot create vlan "b": EEXIST \(.*VLAN/,
    });
  }),
);

describe('setLink()', options, () => {
  test('sets promiscuity, hairpin and isolation, and listLinks() tells only what is on', () =>
    withNamespaces(here => {
      here.ip('link add br0 type bridge');
      createVeth(here.socket, { name: 'p0', peer: { name: 'q0' } });
      const [bridge, port] = [indexOf(here.socket, 'br0'), indexOf(here.socket, 'p0')];
      setLink(here.socket, port, { masterIfindex: bridge, port: { isHairpin: true, isIsolated: true } });
      setLink(here.socket, bridge, { isPromiscuous: true });
      const slave = infoOf(here, 'p0')['info_slave_data'] as IpObject;
      assert.deepEqual([slave['hairpin'], slave['isolated']], [true, true]);
      const on = listLinks(here.socket).map(link => [link.name, link.isHairpin, link.isIsolated, link.isPromiscuous]);
      assert.deepEqual(on.filter(([name]) => name === 'p0' || name === 'br0').sort(), [
        ['br0', undefined, undefined, true],
        ['p0', true, true, undefined],
      ]);
      assert.match(JSON.stringify(here.ipJson('link show dev br0')[0]?.['flags']), /PROMISC/);
      setLink(here.socket, port, { port: { isHairpin: false, isIsolated: false } });
      setLink(here.socket, bridge, { isPromiscuous: false });
      const off = listLinks(here.socket).filter(link => link.isHairpin ?? link.isIsolated ?? link.isPromiscuous);
      assert.deepEqual(off, []);
    }));
});

describe('moveLink()', options, () => {
  test('moves a link under a new name, also when its own is taken there', () =>
    withNamespaces((here, there) => {
      createVeth(here.socket, { name: 'eth1', isUp: true, mac: '02:00:00:00:00:07', peer: { name: 'lan1' } });
      there.ip('link add eth1 type bridge');
      moveLink(here.socket, indexOf(here.socket, 'eth1'), there.ns, 'net1');
      assert.equal(findLink(here.socket, 'eth1'), undefined);
      const moved = findLink(there.socket, 'net1');
      assert.deepEqual([moved?.mac, moved?.isUp], ['02:00:00:00:00:07', false]);
    }));

  test('refuses a name that is taken there', () =>
    withNamespaces((here, there) => {
      createVeth(here.socket, { name: 'eth1', peer: { name: 'lan1' } });
      assert.throws(() => moveLink(here.socket, indexOf(here.socket, 'eth1'), there.ns, 'lo'), {
        code: 'EEXIST',
        message: /^Cannot move link \d+ to "lo" in /,
      });
    }));
});

// The same kernels have neither VLANs nor bridges that tell them apart.
test('setBridgeVlans() gives a port exactly its VLANs', skipUnlessKind(options, 'vlan'), () =>
  withNamespaces(here => {
    createLink(here.socket, { name: 'br0', isUp: true, data: { kind: 'bridge', hasVlanFiltering: true } });
    assert.equal(findLink(here.socket, 'br0')?.hasVlanFiltering, true);
    createVeth(here.socket, { name: 'p0', masterIfindex: indexOf(here.socket, 'br0'), peer: { name: 'q0' } });
    const port = indexOf(here.socket, 'p0');
    const vlansOf = (name: string) =>
      withBridgeVlans(here.socket, listLinks(here.socket)).find(link => link.name === name)?.vlans;
    assert.deepEqual(vlansOf('p0'), [{ id: 1, isPvid: true, isUntagged: true }]);
    const wanted = [{ id: 5, isPvid: true, isUntagged: true }, { id: 10 }, { id: 11 }, { id: 12 }] as const;
    setBridgeVlans(here.socket, port, wanted);
    assert.deepEqual(vlansOf('p0'), wanted);
    const witness = here.bridgeJson('vlan show').find(each => each['ifname'] === 'p0');
    assert.deepEqual(witness?.['vlans'], [
      { vlan: 5, flags: ['PVID', 'Egress Untagged'] },
      { vlan: 10 },
      { vlan: 11 },
      { vlan: 12 },
    ]);
    setBridgeVlans(here.socket, port, []);
    assert.deepEqual(vlansOf('p0'), []);
    assert.equal(vlansOf('q0'), undefined);
  }),
);
