import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessNftables } from '../netlink/testing.ts';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { applyChanges } from './apply.ts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import { createTestNode, type TestNode } from './testing-kernel.ts';
import { nftWiringOf } from './testing-nft.ts';
import { undoChanges } from './undo.ts';
import type { Change } from './wiring.ts';

const options = skipUnlessNftables(skipUnlessRing2());

describe('nftables items in the kernel', options, () => {
  test('are as nft shows them, are found again, and go without a trace', async () => {
    using node = createTestNode('nft');
    const changes = attach(node, 0);
    assert.deepEqual(rulesOf(node), [
      'ip saddr 10.0.0.10 ip daddr != 10.0.0.0/24 masquerade comment "pod 0, IPv4"',
      'ip6 saddr fd00::10 masquerade comment "pod 0, IPv6"',
    ]);
    assert.match(node.run('host', 'nft list ruleset'), /type nat hook postrouting priority srcnat; policy accept;/);
    const wiring = nftWiringOf(0);
    assert.deepEqual(compare(wiring, node.facts(wiring)), []);
    await undoChanges(changes, node.handles);
    assert.equal(node.run('host', 'nft list ruleset'), '');
    await undoChanges(changes, node.handles);
  });

  test('that somebody took away or changed are missed, and made again once', async () => {
    using node = createTestNode('nft');
    const changes = attach(node, 0);
    const before = rulesOf(node);
    const wiring = nftWiringOf(0);
    const damages = [
      'nft flush chain inet underlane source',
      'nft delete table inet underlane',
      'nft flush chain inet underlane source; nft add rule inet underlane source drop comment \\"pod 0, IPv4\\"; nft add rule inet underlane source drop comment \\"pod 0, IPv4\\"',
    ];
    for (const damage of damages) {
      node.run('host', damage);
      assert.match(compare(wiring, node.facts(wiring))[0]?.message ?? '', /nftables/);
      attach(node, 0);
      assert.deepEqual(rulesOf(node).toSorted(), before.toSorted());
    }
    await undoChanges(changes, node.handles);
    assert.equal(node.run('host', 'nft list ruleset'), '');
  });

  test('table and chain stay for other users, and for rules of others', async () => {
    using node = createTestNode('nft');
    const first = attach(node, 0);
    const ownShared = new Map(first.flatMap(change => (change.item.shared ? [[change.item.shared, change]] : [])));
    const second = attach(node, 1, ownShared);
    assert.deepEqual(
      second.map(({ op }) => op),
      ['create', 'create', 'create', 'create'],
    );
    await undoChanges(first, node.handles, { isSharedInUse: () => true });
    assert.equal(rulesOf(node).length, 2);
    node.run('host', 'nft add rule inet underlane source counter');
    await undoChanges(second, node.handles);
    assert.deepEqual(rulesOf(node), ['counter packets 0 bytes 0']);
  });

  test('leave nothing after a fault at any step', async () => {
    using node = createTestNode('nft');
    const wiring = nftWiringOf(0);
    for (let last = 0; last < 4; last++) {
      const changes = diff(wiring, node.facts(wiring));
      const onStep = (step: number) => {
        if (step === last) throw new Error('fault');
      };
      assert.throws(() => applyChanges(changes, node.handles, { onStep }), /fault/);
      await undoChanges(changes, node.handles);
      assert.equal(node.run('host', 'nft list ruleset'), '');
    }
  });

  test('in a pod go with it', async () => {
    using node = createTestNode('nft');
    const wiring = nftWiringOf(0).map(item => ({ ...item, place: 'pod' as const }));
    const changes = diff(wiring, node.facts(wiring));
    applyChanges(changes, node.handles);
    assert.match(node.run('pod', 'nft list ruleset'), /masquerade comment "pod 0, IPv4"/);
    assert.equal(node.run('host', 'nft list ruleset'), '');
    await undoChanges(changes, node.handles);
    assert.equal(node.run('pod', 'nft list ruleset'), '');
  });
});

function attach(node: TestNode, n: number, ownShared?: ReadonlyMap<string, Change>): Change[] {
  const wiring = nftWiringOf(n);
  const changes = diff(wiring, node.facts(wiring), ownShared === undefined ? {} : { ownShared });
  applyChanges(changes, node.handles);
  return changes;
}

function rulesOf(node: TestNode): string[] {
  const lines = node.run('host', 'nft list chain inet underlane source').split('\n');
  return lines.slice(3, -3).map(line => line.trim());
}
