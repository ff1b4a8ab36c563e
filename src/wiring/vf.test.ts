import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Facts, VfSetting } from '#facts';
import { createTestCard } from '../netlink/testing-card.ts';
import { applyChanges } from './apply.ts';
import { compare } from './compare.ts';
import { diff } from './diff.ts';
import type { Handles } from './handles.ts';
import { overlayWiring } from './overlay.ts';
import { plainFacts } from './testing.ts';
import { formatItem } from './trace.ts';
import { undoChanges } from './undo.ts';
import type { VfItem } from './wiring.ts';

const before: readonly VfSetting[] = [
  { name: 'vlan', id: 7, qos: 0, protocol: '802.1Q' },
  { name: 'mac', mac: '00:00:00:00:00:00' },
  { name: 'spoofchk', isOn: true },
];
const facts: Facts = { ...plainFacts, host: { ...plainFacts.host, vfs: { up0: [{ vf: 1, settings: before }] } } };

function openTestCard(...options: Parameters<typeof createTestCard>) {
  const card = createTestCard(...options);
  // `as`: settings of cards need nothing but the socket.
  return { ...card, handles: { host: { socket: card.socket } } as unknown as Handles };
}

function item(setting: VfSetting): VfItem {
  return { kind: 'vf', place: 'host', dev: 'up0', vf: 1, setting, shared: `vf/up0/1/${setting.name}` };
}

const vlan = item({ name: 'vlan', id: 100, qos: 2, protocol: '802.1ad' });
const spoofchk = item({ name: 'spoofchk', isOn: false });
const trust = item({ name: 'trust', isOn: true });
const wiring = [vlan, spoofchk, trust];

describe('settings of virtual functions', () => {
  test('formatItem() gives the ip command', () => {
    assert.deepEqual(wiring.map(formatItem), [
      'ip link set up0 vf 1 vlan 100 qos 2 proto 802.1ad',
      'ip link set up0 vf 1 spoofchk off',
      'ip link set up0 vf 1 trust on',
    ]);
  });
  test('diff() remembers what was there, keeps what is as wanted, and makes what the driver does not tell of', () => {
    const changes = diff([...wiring, item({ name: 'mac', mac: '00:00:00:00:00:00' })], facts);
    assert.deepEqual(
      changes.map(change => [change.op, change.op === 'replace' ? change.previous : undefined]),
      [
        ['replace', { kind: 'vf', place: 'host', dev: 'up0', vf: 1, setting: before[0] }],
        ['replace', { kind: 'vf', place: 'host', dev: 'up0', vf: 1, setting: before[2] }],
        ['create', undefined],
        ['keep', undefined],
      ],
    );
  });
  test('compare() names what has been changed, and asks for nothing that the driver does not tell of', () => {
    const set = overlayWiring(facts, [vlan]);
    assert.deepEqual(
      compare(wiring, set).map(({ message }) => message),
      ['vf 1 of up0: spoofchk off on the host is not as planned: it is spoofchk on, expected spoofchk off'],
    );
  });
  test('undoChanges() puts back what applyChanges() has made', async () => {
    const card = openTestCard('up0', before);
    applyChanges(diff([vlan, spoofchk], facts), card.handles);
    assert.deepEqual(new Set(card.settings()), new Set([before[1], vlan.setting, spoofchk.setting]));
    await undoChanges(diff([vlan, spoofchk], facts), card.handles);
    assert.deepEqual(new Set(card.settings()), new Set(before));
  });
  test('undoChanges() takes back what was made before a setting that the driver refuses', async () => {
    const card = openTestCard('up0', before, ['trust']);
    const changes = diff(wiring, facts);
    assert.throws(() => applyChanges(changes, card.handles), {
      code: 'APPLY_FAILED',
      message: /ip link set up0 vf 1 trust on.*EOPNOTSUPP/,
    });
    await undoChanges(changes, card.handles);
    assert.deepEqual(new Set(card.settings()), new Set(before));
  });
  test('undoChanges() leaves what somebody else has set since, and what another container uses', async () => {
    const card = openTestCard('up0', before);
    const changes = diff([vlan, spoofchk], facts);
    applyChanges(changes, card.handles);
    const foreign: VfSetting = { name: 'vlan', id: 200, qos: 0, protocol: '802.1Q' };
    card.set(foreign);
    await undoChanges(changes, card.handles, { isSharedInUse: key => key.endsWith('spoofchk') });
    assert.deepEqual(new Set(card.settings()), new Set([before[1], foreign, spoofchk.setting]));
  });
});
