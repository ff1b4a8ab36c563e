import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAllocation } from '#api';
import { claimOn } from '../../api/testing.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { claimUseOf } from './claim-use.ts';

const POD = { namespace: 'default', name: 'web', uid: 'uid-of-web' };

/** What one plugin made, or the pod's whole set where that is `underlane`. */
function entryOf(plugin: string, ifname: string, claim?: string): JournalEntry {
  return {
    format: 1,
    key: { containerId: 'c', ifname, plugin, network: '' },
    netns: '/run/netns/x',
    nonce: 'n',
    state: 'added',
    cniVersion: '1.0.0',
    pod: POD,
    attachments: [
      {
        network: 'lan',
        ifname,
        leases:
          claim === undefined ? [] : [{ kind: 'claim', ref: { name: claim, uid: 'u' }, spec: claimOf(claim).spec }],
        segments: [],
      },
    ],
  };
}

function claimOf(name: string, ifname = 'eth0'): IPAllocation {
  return claimOn('10.0.0.5/24', { owner: { podName: POD.name, podUid: POD.uid, interface: ifname } }, { name });
}

function isSpare(claim: IPAllocation, entries: readonly JournalEntry[], busy: readonly string[] = []): boolean {
  const owners = { has: (owner: string) => busy.includes(owner), list: () => busy };
  return claimUseOf({ list: () => [...entries] }, owners).isSpare(claim);
}

test('isSpare() is true of what a pod has no use for, once everything of it is there', () => {
  const all = entryOf('underlane', 'eth0', 'lan-10.0.0.7');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [all]), true);
  assert.equal(isSpare(claimOf('lan-10.0.0.7'), [all]), false, 'it is used');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [{ ...all, state: 'adding' }]), false, 'an ADD is half through');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [{ ...all, plugging: ['net1'] }]), false, 'a network is being added');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [all], [POD.uid]), false, 'an ADD is under way');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), []), false, 'no ADD has come yet');
  assert.equal(isSpare(claimOf('lan-10.0.0.5', 'net1'), [all]), true, 'the pod has no such interface');
});

test('isSpare() is not true before the ADD that a claim was taken for, whatever other plugins have made for the pod', () => {
  const lo = entryOf('loopback', 'lo');
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [lo]), false);
  const eth0 = entryOf('macvlan', 'eth0', 'lan-10.0.0.7');
  assert.equal(isSpare(claimOf('lan-10.0.0.5', 'net1'), [lo, eth0]), false);
  assert.equal(isSpare(claimOf('lan-10.0.0.5'), [lo, eth0]), true);
});
