import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { applyChanges } from './apply.ts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import { attachmentShapes, macvlanAndVeth, wiringOf } from './testing.ts';
import { createTestNode } from './testing-kernel.ts';
import type { LinkItem, Wiring, WiringItem } from './wiring.ts';

const options = skipUnlessRing2();

describe('applyChanges()', options, () => {
  test('makes a macvlan and a veth as ip shows them', () => {
    using node = createTestNode('e1');
    applyChanges(diff(macvlanAndVeth, node.facts(macvlanAndVeth)), node.handles);
    assert.deepEqual(lines(node.run('pod', 'ip route')), [
      'default via 172.18.0.1 dev eth0',
      '10.96.0.0/12 via 172.18.0.2 dev veth0',
      '10.244.0.0/16 via 172.18.0.2 dev veth0',
      '172.18.0.0/16 dev eth0 proto kernel scope link src 172.18.0.10',
      '172.18.0.2 dev veth0 scope link',
    ]);
    assert.deepEqual(lines(node.run('host', 'ip route show dev vethabcdef01234')), ['172.18.0.10 scope link']);
    assert.deepEqual(lines(node.run('pod', 'ip neigh show nud permanent')), [
      '172.18.0.2 dev veth0 lladdr 0a:58:00:00:00:02 PERMANENT',
    ]);
    assert.deepEqual(lines(node.run('host', 'ip neigh show dev vethabcdef01234 nud permanent')), [
      '172.18.0.10 lladdr 0a:58:00:00:00:01 PERMANENT',
    ]);
    assert.equal(node.run('host', 'cat /proc/sys/net/ipv4/conf/vethabcdef01234/rp_filter'), '2\n');
    assert.match(node.run('pod', 'ip -d link show eth0'), /UP.*link\/ether 0a:58:ac:12:00:0a.*macvlan mode bridge/s);
    assert.match(node.run('pod', 'ip route get 10.96.0.1'), /via 172.18.0.2 dev veth0 src 172.18.0.10/);
  });

  test('is done once: the second diff keeps everything, and its apply changes nothing', () => {
    fc.assert(
      fc.property(fc.array(attachmentShapes, { minLength: 1, maxLength: 3 }), shapes => {
        using node = createTestNode('idem');
        const wiring = shapes.flatMap(wiringOf);
        applyChanges(diff(wiring, node.facts(wiring)), node.handles);
        const before = node.snapshot();
        assert.deepEqual(compare(wiring, node.facts(wiring)), []);
        const again = diff(wiring, node.facts(wiring));
        assert.deepEqual(
          again,
          wiring.map(item => ({ op: 'keep', item })),
        );
        applyChanges(again, node.handles, { onStep: () => assert.fail('nothing to do') });
        assert.deepEqual(node.snapshot(), before);
      }),
      { numRuns: 6 },
    );
  });

  test('repairs what somebody has taken away or changed, and touches nothing else', () => {
    using node = createTestNode('repair');
    applyChanges(diff(macvlanAndVeth, node.facts(macvlanAndVeth)), node.handles);
    const before = node.snapshot();
    node.run('host', 'ip link set vethabcdef01234 down; echo 1 >/proc/sys/net/ipv4/conf/vethabcdef01234/rp_filter');
    node.run('pod', 'ip route replace 10.96.0.0/12 via 172.18.0.9 dev eth0; ip neigh del 172.18.0.2 dev veth0');
    const broken = compare(macvlanAndVeth, node.facts(macvlanAndVeth));
    assert.deepEqual(
      broken.map(({ item }) => item.kind),
      // Setting the link down has taken the host's neighbour and route along.
      ['link', 'sysctl', 'neighbour', 'route', 'neighbour', 'route'],
    );
    applyChanges(diff(macvlanAndVeth, node.facts(macvlanAndVeth)), node.handles);
    assert.deepEqual(node.snapshot(), before);
  });

  test('says that the facts are stale when the master has gone, naming the step', () => {
    using node = createTestNode('stale');
    const changes = diff(macvlanAndVeth, node.facts(macvlanAndVeth));
    node.run('host', 'ip link del up0');
    assert.throws(() => applyChanges(changes, node.handles), {
      code: 'FACTS_STALE',
      retriable: true,
      message: /^Cannot apply "ip -n pod link add eth0 link up0 \(host\) .*": Link "up0" on the host is gone$/,
    });
  });

  test('says that the facts are stale when a name has been taken meanwhile, and why at the next diff', () => {
    using node = createTestNode('taken');
    const changes = diff(macvlanAndVeth, node.facts(macvlanAndVeth));
    node.run('pod', 'ip link add eth0 type bridge');
    assert.throws(() => applyChanges(changes, node.handles), { code: 'FACTS_STALE', retriable: true });
    assert.throws(() => diff(macvlanAndVeth, node.facts(macvlanAndVeth)), { code: 'LINK_EXISTS' });
  });

  test('names the step and the reason of the kernel', () => {
    using node = createTestNode('refused');
    const item: WiringItem = { kind: 'route', place: 'host', dst: '10.0.0.0/8', via: '1.2.3.4', dev: 'up0' };
    assert.throws(() => applyChanges([{ op: 'create', item }], node.handles), {
      code: 'APPLY_FAILED',
      retriable: false,
      message: /^Cannot apply "ip route add 10.0.0.0\/8 via 1.2.3.4 dev up0": ENETUNREACH \(.*\)$/,
    });
    const sysctl: WiringItem = { kind: 'sysctl', place: 'host', path: 'net/ipv4/nonsense', value: '1' };
    assert.throws(() => applyChanges([{ op: 'create', item: sysctl }], node.handles), { code: 'APPLY_FAILED' });
  });

  test('refuses pod items without a pod', () => {
    using node = createTestNode('nopod');
    const changes = diff(macvlanAndVeth, node.facts(macvlanAndVeth));
    const { pod: _pod, ...handles } = node.handles;
    assert.throws(() => applyChanges(changes, handles), { code: 'POD_NAMESPACE_MISSING' });
  });

  test('takes a shared item that another attachment has made since the diff', () => {
    using node = createTestNode('race');
    const wiring: Wiring = [
      { kind: 'rule', place: 'host', family: 4, priority: 1000, table: 500, shared: 'rule' },
      { kind: 'link', place: 'host', name: 'br0', link: { type: 'bridge' }, isUp: true, shared: 'br0' },
      { kind: 'address', place: 'host', dev: 'br0', address: '10.88.0.1/16', shared: 'br0/address' },
      { kind: 'route', place: 'host', dst: '10.89.0.0/16', dev: 'br0', shared: 'br0/route' },
    ];
    const [mine, theirs] = [diff(wiring, node.facts(wiring)), diff(wiring, node.facts(wiring))];
    applyChanges(theirs, node.handles);
    const before = node.snapshot();
    applyChanges(mine, node.handles);
    assert.deepEqual(node.snapshot(), before);
  });

  test('brings a veth end up only as a port of its bridge', () => {
    using node = createTestNode('port');
    const bridge: LinkItem = {
      kind: 'link',
      place: 'host',
      name: 'br0',
      link: { type: 'bridge' },
      isUp: true,
      mtu: 1400,
    };
    const veth: LinkItem = {
      kind: 'link',
      place: 'pod',
      name: 'eth0',
      link: { type: 'veth', peer: { place: 'host', name: 'v0', isUp: true, bridge: 'br0' } },
      isUp: true,
    };
    const wiring = [bridge, veth];
    applyChanges(diff(wiring, node.facts(wiring)), node.handles);
    assert.match(node.run('host', 'ip link show v0'), /,UP.* master br0 /);
    assert.match(node.run('host', 'ip link show br0'), /,UP.* mtu 1400 /);
  });
});

function lines(text: string): string[] {
  return text
    .trim()
    .split('\n')
    .map(line => line.trim());
}
