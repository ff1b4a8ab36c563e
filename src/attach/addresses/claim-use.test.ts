import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation } from '#api';
import { claimOn } from '../../api/testing.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { entryOf, recordOf } from '../journal/testing.ts';
import { claimUseOf } from './claim-use.ts';

const POD = { namespace: 'default', name: 'web', uid: 'uid-of-web' };

/** What one plugin made, or the pod's whole set where that is `underlane`. */
function entryWith(plugin: string, ifname: string, claim?: string): JournalEntry {
  const leases =
    claim === undefined ? [] : [{ kind: 'claim' as const, ref: { name: claim, uid: 'u' }, spec: claimOf(claim).spec }];
  return entryOf({ ifname, plugin }, { pod: POD, attachments: [recordOf({ ifname, leases })] });
}

function claimOf(name: string, ifname = 'eth0'): IPAllocation {
  return claimOn('10.0.0.5/24', { owner: { podName: POD.name, podUid: POD.uid, interface: ifname } }, { name });
}

function isSpare(claim: IPAllocation, entries: readonly JournalEntry[], busy: readonly string[] = []): boolean {
  const owners = { has: (owner: string) => busy.includes(owner), list: () => busy };
  return claimUseOf({ list: () => [...entries] }, owners).isSpare(claim);
}

test('isSpare() is true of what a pod has no use for, once everything of it is there', () => {
  const all = entryWith('underlane', 'eth0', 'lan-10.0.0.7');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [all]), true);
  assert.equal(isSpare(claimOf('lan-10.0.0.7'), [all]), false, 'it is used');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [{ ...all, state: 'adding' }]), false, 'an ADD is half through');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [{ ...all, plugging: ['net1'] }]), false, 'a network is being added');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [all], [POD.uid]), false, 'an ADD is under way');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), []), false, 'no ADD has come yet');
  assert.equal(isSpare(claimOf('lan-10.0.0.5', 'net1'), [all]), true, 'the pod has no such interface');
});

test('isSpare() is not true before the ADD that a claim was taken for, whatever other plugins have made for the pod', () => {
  const lo = entryWith('loopback', 'lo');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [lo]), false);
  const eth0 = entryWith('macvlan', 'eth0', 'lan-10.0.0.7');
  assert.equal(isSpare(claimOf('lan-10.0.0.5', 'net1'), [lo, eth0]), false);
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [lo, eth0]), true);
});
