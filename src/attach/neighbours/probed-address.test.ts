import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworkConfig } from '#cni';
import type { Claim, Detection } from '#ipam';
import type { LeasedAddress } from '../addresses/leases.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { probedOf } from './probed-address.ts';

const network = parseNetworkConfig({ cniVersion: '1.0.0', name: 'lan', type: 'macvlan' }, { source: 'the test' });
const plan = { ifname: 'net1', network };
const conflict: Detection = { conflict: true, gateway: false };
const gateway: Detection = { conflict: false, gateway: true };
const both: Detection = { conflict: true, gateway: true };
const none: Detection = { conflict: false, gateway: false };

function claimed(detect?: Detection, spec: Partial<Claim['object']['spec']> = {}): LeasedAddress {
  const pool = { ref: { dialect: 'd', kind: 'k', name: 'n' }, ...(detect === undefined ? {} : { detect }) };
  // `as`: what is looked at is all there.
  const claim = { name: 'lan-10.0.0.5', pool, object: { spec } } as Claim;
  return { address: '10.0.0.5/24', gateway: '10.0.0.1', claim, isFixed: false };
}

const written: LeasedAddress = { address: '10.0.0.5/24', gateway: '10.0.0.1', isFixed: true };

function asked(
  address: LeasedAddress,
  own: Detection | undefined,
  everywhere: Detection | undefined,
  entries: readonly JournalEntry[] = [],
): readonly Detection[] {
  const deps = { journal: { list: () => entries }, ...(everywhere === undefined ? {} : { detect: everywhere }) };
  // `as`: of the journal nothing else is asked.
  const probed = probedOf(
    [address],
    { ...plan, ...(own === undefined ? {} : { detect: own }) },
    'ctr',
    deps as unknown as Parameters<typeof probedOf>[3],
  );
  return probed.map(({ detect }) => detect);
}

test('probedOf() asks nothing unless somebody wants it', () => {
  assert.deepEqual(asked(claimed(), undefined, undefined), []);
  assert.deepEqual(asked(claimed(none), undefined, undefined), []);
});

test('probedOf() goes by the pool, else by the network, else by the agent', () => {
  assert.deepEqual(asked(claimed(conflict), gateway, both), [conflict]);
  assert.deepEqual(asked(claimed(none), gateway, both), []);
  assert.deepEqual(asked(claimed(), gateway, both), [gateway]);
  assert.deepEqual(asked(claimed(), none, both), []);
  assert.deepEqual(asked(written, undefined, both), [both]);
});

test('probedOf() asks for no gateway where there is none', () => {
  const { gateway: _none, ...alone } = written;
  assert.deepEqual(asked(alone, gateway, undefined), []);
  assert.deepEqual(asked(alone, both, undefined), [conflict]);
});

test('probedOf() asks nobody in the name of a virtual machine that is still elsewhere, and takes neither of its pods for a conflict', () => {
  const heir = { podName: 'next', podUid: 'u', node: 'n2' };
  const owner = { podName: 'source', podUid: 's', network: 'lan', interface: 'net1', slot: 0 };
  assert.deepEqual(asked(claimed(both, { owner, heir }), undefined, undefined), [gateway]);
  assert.deepEqual(asked(claimed(both, { owner: { ...owner, podUid: 'u' }, heir }), undefined, undefined), []);
});

test('probedOf() takes another sandbox of the same pod for no conflict, but the very same one', () => {
  const entry = (containerId: string) =>
    ({
      key: { containerId },
      attachments: [{ leases: [{ kind: 'claim', ref: { name: 'lan-10.0.0.5', uid: 'u' } }] }],
      // `as`: what is looked at is all there.
    }) as unknown as JournalEntry;
  assert.deepEqual(asked(claimed(), both, undefined, [entry('other')]), [gateway]);
  assert.deepEqual(asked(claimed(), both, undefined, [entry('ctr')]), [both]);
});
