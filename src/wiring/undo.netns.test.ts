import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { deleteNamespace } from '#netns';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { applyChanges } from './apply.ts';
import { diff } from './diff.ts';
import { openHandles } from './handles.ts';
import { attachmentShapes, macvlanAndVeth, wiringOf } from './testing.ts';
import { createTestNode, type TestNode } from './testing-kernel.ts';
import { undoChanges } from './undo.ts';
import type { Change, Wiring, WiringItem } from './wiring.ts';

const options = skipUnlessRing2();

describe('undoChanges()', options, () => {
  test('restores the snapshot, and once more does no harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attachmentShapes, { minLength: 1, maxLength: 3 }), async shapes => {
        using node = createTestNode('undo');
        const before = node.snapshot();
        const wiring = shapes.flatMap(wiringOf);
        const changes = diff(wiring, node.facts(wiring));
        applyChanges(changes, node.handles);
        await undoChanges(changes, node.handles);
        assert.deepEqual(node.snapshot(), before);
        await undoChanges(changes, node.handles);
        assert.deepEqual(node.snapshot(), before);
      }),
      { numRuns: 6 },
    );
  });

  test('restores the snapshot after a fault at every single step of an apply', async () => {
    const everything = {
      hasMacvlan: true,
      hasOwnTable: true,
      hasIpv6: true,
      replacesForeign: true,
      hasSharedRule: true,
      hasSharedSysctl: true,
      needsLo: true,
      mtu: 1400,
      movesDevice: true,
      removes: true,
    };
    const wirings = [
      wiringOf({ ...everything, veth: 'routed', movesDevice: false, removes: false }, 0),
      wiringOf({ ...everything, veth: 'bridged', hasOwnTable: false }, 1),
    ];
    for (const wiring of wirings) {
      using node = createTestNode('fault');
      const before = node.snapshot();
      const changes = diff(wiring, node.facts(wiring));
      let isDone = false;
      let step = 0;
      for (; !isDone; step++) {
        isDone = applyUpTo(step, changes, node);
        await undoChanges(changes, node.handles);
        assert.deepEqual(node.snapshot(), before, `after a fault at step ${step}`);
      }
      assert.ok(step > changes.length, 'every change has at least one step');
    }
  });

  test('of attachments that come and go in any order leaves the snapshot, shared items going with their last user', async () => {
    const action = fc.record({ n: fc.nat({ max: 3 }), fault: fc.option(fc.nat({ max: 12 })) });
    const shapes = fc.tuple(attachmentShapes, attachmentShapes, attachmentShapes, attachmentShapes);
    await fc.assert(
      fc.asyncProperty(shapes, fc.array(action, { minLength: 4, maxLength: 10 }), async (all, actions) => {
        using node = createTestNode('many');
        const before = node.snapshot();
        const live = new Map<number, Change[]>();
        const remove = async (n: number): Promise<void> => {
          const changes = live.get(n) ?? [];
          live.delete(n);
          await undoChanges(changes, node.handles, { isSharedInUse: key => ownShared(live).has(key) });
          assertSharedInUse(node, live);
        };
        for (const { n, fault } of actions) {
          const shape = all[n];
          if (live.has(n) || shape === undefined) {
            await remove(n);
            continue;
          }
          const wiring = wiringOf(shape, n);
          const changes = diff(wiring, node.facts(wiring), { ownShared: ownShared(live) });
          live.set(n, changes);
          const isDone = applyUpTo(fault ?? Number.POSITIVE_INFINITY, changes, node);
          if (!isDone) await remove(n);
        }
        for (const n of [...live.keys()].toReversed()) await remove(n);
        assert.deepEqual(node.snapshot(), before);
      }),
      { numRuns: 8 },
    );
  });

  test('runs for several attachments at once', async () => {
    using node = createTestNode('parallel');
    const before = node.snapshot();
    const shape = {
      hasMacvlan: true,
      hasOwnTable: true,
      veth: 'routed' as const,
      hasIpv6: false,
      replacesForeign: true,
      hasSharedRule: false,
      hasSharedSysctl: false,
      needsLo: false,
      mtu: undefined,
    };
    const all = [0, 1, 2, 3, 4, 5].map(n => {
      const wiring = wiringOf(shape, n);
      const changes = diff(wiring, node.facts(wiring));
      applyChanges(changes, node.handles);
      return changes;
    });
    await Promise.all(all.map(changes => undoChanges(changes, node.handles)));
    assert.deepEqual(node.snapshot(), before);
  });

  test('cleans the host when the namespace of the pod has gone', async () => {
    using node = createTestNode('gone');
    const wiring = [
      ...macvlanAndVeth,
      { kind: 'rule', place: 'host', family: 4, priority: 1024, iif: 'vethabcdef01234', table: 596 } as const,
    ];
    const before = node.snapshotHost();
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    deleteNamespace(node.podNetns);
    using handles = openHandles({ hostNs: node.handles.host.ns, podNetns: node.podNetns });
    assert.equal(handles.pod, undefined);
    // The node's own handles still hold the namespace, as a process would that lives on in the pod: the veth is there.
    assert.match(node.run('host', 'ip link'), /vethabcdef01234/);
    for (const _time of ['once', 'twice']) {
      await undoChanges(changes, handles);
      assert.deepEqual(node.snapshotHost(), before);
    }
  });

  test('copes with a namespace that takes its links along while it is undone', async () => {
    using node = createTestNode('dying');
    const before = node.snapshotHost();
    const changes = diff(macvlanAndVeth, node.facts(macvlanAndVeth));
    {
      using pod = openHandles({ hostNs: node.handles.host.ns, podNetns: node.otherNetns });
      applyChanges(changes, pod);
      deleteNamespace(node.otherNetns);
    }
    // Nobody holds it any more: the kernel is taking it down at this moment.
    using handles = openHandles({ hostNs: node.handles.host.ns, podNetns: node.otherNetns });
    await undoChanges(changes, handles);
    assert.deepEqual(node.snapshotHost(), before);
  });

  test("takes the host's end of a pair away whatever the pod has put in the place of its own", async () => {
    using node = createTestNode('swapped');
    const before = node.snapshotHost();
    const changes = diff(macvlanAndVeth, node.facts(macvlanAndVeth));
    applyChanges(changes, node.handles);
    const [mac] = macvlanAndVeth.flatMap(item => (item.kind === 'link' && item.name === 'veth0' ? [item.mac] : []));
    node.run('pod', `ip link set veth0 name was0; ip link add veth0 address ${mac} type veth peer name x0`);
    await undoChanges(changes, node.handles);
    assert.deepEqual(node.snapshotHost(), before);
  });

  test('leaves a link of the same name alone that is not ours', async () => {
    using node = createTestNode('notours');
    const changes = diff(macvlanAndVeth, node.facts(macvlanAndVeth));
    node.run('pod', 'ip link add eth0 address 02:00:00:00:00:99 type bridge; ip link add veth0 type veth peer name x0');
    const before = node.snapshot();
    await undoChanges(changes, node.handles);
    assert.deepEqual(node.snapshot(), before);
  });

  test('leaves a switch of the whole node as it is, which others may rely on by now', async () => {
    using node = createTestNode('switch');
    const path = 'net/ipv4/ip_forward';
    node.run('host', `echo 0 >/proc/sys/${path}`);
    const wiring: Wiring = [{ kind: 'sysctl', place: 'host', path, value: '1', shared: `sysctl:${path}` }];
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    await undoChanges(changes, node.handles);
    assert.equal(node.run('host', `cat /proc/sys/${path}`).trim(), '1');
  });

  test('leaves routes, rules, neighbours, addresses and sysctls alone that are not as we made them', async () => {
    using node = createTestNode('changed');
    const dev = 'up0';
    const wiring: Wiring = [
      { kind: 'address', place: 'host', dev, address: '10.1.0.1/24' },
      { kind: 'route', place: 'host', dst: '10.2.0.0/24', dev, metric: 5 },
      { kind: 'route', place: 'host', dst: '172.18.0.100/32', dev: 'lo' },
      { kind: 'rule', place: 'host', family: 4, priority: 1000, table: 500 },
      { kind: 'neighbour', place: 'host', dev, address: '172.18.0.101', lladdr: '02:00:00:00:02:00' },
      { kind: 'neighbour', place: 'host', dev, address: '172.18.0.200', lladdr: '02:00:00:00:02:00' },
      { kind: 'sysctl', place: 'host', path: 'net/ipv4/conf/up0/rp_filter', value: '2' },
      { kind: 'link', place: 'host', name: 'wire0', link: { type: 'existing' }, isUp: true, mtu: 1400 },
    ];
    const changes = diff(wiring, node.facts(wiring));
    assert.deepEqual(
      changes.map(change => change.op),
      ['create', 'create', 'replace', 'create', 'replace', 'create', 'replace', 'replace'],
    );
    applyChanges(changes, node.handles);
    node.run(
      'host',
      `ip addr del 10.1.0.1/24 dev up0; ip addr add 10.1.0.1/25 dev up0
      ip route del 10.2.0.0/24; ip route add 10.2.0.0/24 dev up0 metric 6
      ip route replace 172.18.0.100/32 dev wire0
      ip rule del priority 1000 from all table 500 protocol boot; ip rule add priority 1000 from all table 500 protocol static
      ip neigh replace 172.18.0.101 dev up0 lladdr 02:00:00:00:03:00 nud permanent
      ip neigh replace 172.18.0.200 dev up0 lladdr 02:00:00:00:03:00 nud permanent
      echo 1 >/proc/sys/net/ipv4/conf/up0/rp_filter; ip link set wire0 mtu 1300`,
    );
    const before = node.snapshot();
    await undoChanges(changes, node.handles);
    assert.deepEqual(node.snapshot(), before);
  });

  test('puts the route and the neighbour of somebody else back as they were', async () => {
    using node = createTestNode('foreign');
    const before = node.snapshot();
    const wiring: Wiring = [
      { kind: 'neighbour', place: 'host', dev: 'up0', address: '172.18.0.100', lladdr: '02:00:00:00:02:00' },
      { kind: 'route', place: 'host', dst: '172.18.0.100/32', dev: 'lo' },
    ];
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    assert.match(node.run('host', 'ip neigh show 172.18.0.100'), /02:00:00:00:02:00/);
    await undoChanges(changes, node.handles);
    assert.deepEqual(node.snapshot(), before);
    assert.match(node.run('host', 'ip route show 172.18.0.100'), /dev up0 proto static scope link src 172.18.0.2/);
  });

  test('removes our route when what it replaced has lost its link', async () => {
    using node = createTestNode('groundless');
    const wiring: Wiring = [{ kind: 'route', place: 'host', dst: '172.18.0.100/32', dev: 'lo' }];
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    node.run('host', 'ip link del up0');
    await undoChanges(changes, node.handles);
    assert.equal(node.run('host', 'ip route show 172.18.0.100'), '');
  });

  test('takes a link out of our bridge and back into the one it was in', async () => {
    using node = createTestNode('rebridge');
    node.run('host', 'ip link add old address 02:00:00:00:00:0b type bridge; ip link set wire0 master old');
    const wiring: Wiring = [
      { kind: 'link', place: 'host', name: 'br0', link: { type: 'bridge' }, isUp: true },
      { kind: 'link', place: 'host', name: 'wire0', link: { type: 'existing' }, isUp: true, bridge: 'br0' },
      { kind: 'link', place: 'host', name: 'up0', link: { type: 'existing' }, isUp: true, bridge: 'br0' },
    ];
    const before = node.snapshot();
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    assert.match(node.run('host', 'ip link show wire0; ip link show up0'), /wire0.* master br0 .*up0.* master br0 /s);
    await undoChanges(changes, node.handles);
    assert.deepEqual(node.snapshot(), before);
  });

  test('goes on after a failure and reports every one', async () => {
    using node = createTestNode('failing');
    const before = node.snapshot();
    const wiring: Wiring = [
      { kind: 'rule', place: 'host', family: 4, priority: 7, table: 9 },
      { kind: 'sysctl', place: 'host', path: 'net/ipv4/conf/up0/rp_filter', value: '2' },
      { kind: 'rule', place: 'host', family: 4, priority: 8, table: 9 },
    ];
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    const poisoned = changes.map(
      (change): Change =>
        change.op === 'replace' ? { ...change, previous: { ...change.item, value: 'x' } as WiringItem } : change,
    );
    await assert.rejects(undoChanges(poisoned, node.handles), (error: unknown) => {
      assert.ok(error instanceof AggregateError);
      assert.equal(error.errors.length, 1);
      assert.equal(error.errors[0].code, 'UNDO_FAILED');
      assert.match(
        error.message,
        /^Cannot undo 1 of 3 changes: Cannot undo "sysctl -w net\/ipv4\/conf\/up0\/rp_filter=2/,
      );
      return true;
    });
    assert.doesNotMatch(node.run('host', 'ip rule'), /^[78]:/m);
    await undoChanges(changes, node.handles);
    assert.deepEqual(node.snapshot(), before);
  });
});

/** False when a fault at `step` ended the apply. */
function applyUpTo(step: number, changes: readonly Change[], node: TestNode): boolean {
  const fault = new Error('fault');
  try {
    applyChanges(changes, node.handles, {
      onStep: at => {
        if (at === step) throw fault;
      },
    });
    return true;
  } catch (error) {
    if (!(error instanceof Error) || error.cause !== fault) throw error;
    return false;
  }
}

/** What a journal would know: each key with the change that its first user recorded. */
function ownShared(live: ReadonlyMap<number, readonly Change[]>): Map<string, Change> {
  const own = new Map<string, Change>();
  for (const change of [...live.values()].flat()) {
    const key = change.item.shared;
    if (key !== undefined && !own.has(key)) own.set(key, change);
  }
  return own;
}

/** Nobody's leaving has cost the others what they share. */
function assertSharedInUse(node: TestNode, live: ReadonlyMap<number, readonly Change[]>): void {
  const wiring = [...ownShared(live).values()].map(change => change.item);
  assert.deepEqual(
    diff(wiring, node.facts(wiring)).filter(change => change.op !== 'keep'),
    [],
  );
}
