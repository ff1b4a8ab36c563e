import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAMClaim, KubeObject } from '#api';
import { silentLog, systemClock } from '#base';
import { type Claim, parseIpam } from '#ipam';
import { ApiError } from '#kube';
import { claimOn } from '../../api/testing.ts';
import { clientOf } from '../../kube/testing.ts';
import type { AttachDeps } from '../deps.ts';
import { takeKeptLeases } from './kept-addresses.ts';

const POD = { namespace: 'default', name: 'a', uid: 'pod-uid' };
const OWNER = { podNamespace: 'default', podName: 'a', podUid: 'pod-uid', network: 'default/lan', interface: 'net1' };
const IPAM = parseIpam({ type: 'whereabouts', range: '10.0.0.0/24' }, { networkName: 'lan', source: 'the test' });

/** An ADD that takes a free address for an IPAMClaim, and whose write of it into the IPAMClaim fails. @returns what is given back */
async function givenBackAfter(failure: unknown): Promise<readonly string[]> {
  const givenBack: string[] = [];
  let held: IPAMClaim = {
    metadata: { name: 'kept', namespace: 'default', uid: 'kept-uid', resourceVersion: '1' },
    spec: { network: 'lan', interface: 'net1' },
  };
  const client = clientOf({
    // Only the IPAMClaim is asked for.
    get: async <T extends KubeObject>() => held as unknown as T,
    mergePatch: async <T extends KubeObject>(_resource: unknown, _name: unknown, body: unknown) => {
      const { status } = body as Pick<IPAMClaim, 'status'>; // what the product writes
      if ((status?.ips ?? []).length > 0) throw failure;
      held = { ...held, ...(status === undefined ? {} : { status }) };
      return held as unknown as T;
    },
  });
  const object = claimOn('10.0.0.5/24');
  const [pool] = IPAM.dialect === 'whereabouts' ? IPAM.pools : [];
  assert.ok(pool);
  const claim: Claim = {
    name: 'default-10.0.0.5',
    uid: 'claim-uid',
    address: '10.0.0.5/24',
    pool,
    object,
    isNew: true,
  };
  // No more than what this takes of them.
  const deps = {
    api: { client },
    cluster: {
      store: { take: async () => claim, release: async ({ uid }: Claim) => void givenBack.push(uid) },
    },
    ...{ clock: systemClock, log: silentLog },
  } as unknown as AttachDeps;
  const context = { node: 'n1', interface: { name: 'net1' }, interfaces: [], isDefault: false, asked: { ips: [] } };
  const request = {
    ipam: IPAM,
    owner: OWNER,
    context: { ...context, source: 'network "lan"', masterAddresses: () => [] },
  };
  const keeper = { name: 'kept', pod: POD, networks: ['lan'] };
  await assert.rejects(takeKeptLeases(request, keeper, deps, new AbortController().signal), failure as Error);
  return givenBack;
}

test('an address that the IPAMClaim may name, since no answer came, is not given back', async () => {
  assert.deepEqual(await givenBackAfter(new ApiError('Unreachable', 'connection reset')), []);
  assert.deepEqual(await givenBackAfter(new ApiError('Timeout', 'timed out', { httpStatus: 504 })), []);
  // The runtime has hung up while the write was under way.
  assert.deepEqual(await givenBackAfter(new DOMException('aborted', 'AbortError')), []);
});

test('an address that the IPAMClaim does not name, since the write was refused, is given back', async () => {
  assert.deepEqual(await givenBackAfter(new ApiError('Forbidden', 'forbidden', { httpStatus: 403 })), ['claim-uid']);
});
