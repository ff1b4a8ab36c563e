import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IPAMClaim, KubeObject } from '#api';
import { silentLog, systemClock } from '#base';
import { type Claim, type ClaimRef, type ClaimRequest, IpamError, parseIpam } from '#ipam';
import { ApiError } from '#kube';
import { claimOn } from '../../api/testing.ts';
import { clientOf } from '../../kube/testing.ts';
import type { AttachDeps } from '../deps.ts';
import { takeKeptLeases } from './kept-addresses.ts';

const POD = { namespace: 'default', name: 'a', uid: 'pod-uid' };
const OWNER = { podNamespace: 'default', podName: 'a', podUid: 'pod-uid', network: 'default/lan', interface: 'net1' };

interface Trouble {
  /** What the IPAMClaim's status names from before. */
  readonly ips?: readonly string[];
  /** What comes of taking the address of a second range. */
  readonly second?: IpamError;
  /** What comes of writing addresses into the IPAMClaim. */
  readonly write?: unknown;
}

/** An ADD that makes the claim of 10.0.0.5 for an IPAMClaim, and fails. @returns uids of what is given back */
async function givenBackAfter({ ips = [], second, write }: Trouble): Promise<readonly string[]> {
  const givenBack: string[] = [];
  let held: IPAMClaim = {
    metadata: { name: 'kept', namespace: 'default', uid: 'kept-uid', resourceVersion: '1' },
    spec: { network: 'lan', interface: 'net1' },
    status: { ips },
  };
  const client = clientOf({
    // Only the IPAMClaim is asked for.
    get: async <T extends KubeObject>() => held as unknown as T,
    mergePatch: async <T extends KubeObject>(_resource: unknown, _name: unknown, body: unknown) => {
      const { status } = body as Required<Pick<IPAMClaim, 'status'>>; // what the product writes
      if (status.conditions === undefined) throw write;
      held = { ...held, status };
      return held as unknown as T;
    },
  });
  const ranges = [{ range: '10.0.0.0/24' }, ...(second === undefined ? [] : [{ range: '10.0.1.0/24' }])];
  const ipam = parseIpam({ type: 'whereabouts', ipRanges: ranges }, { networkName: 'lan', source: 'the test' });
  const [pool] = ipam.dialect === 'whereabouts' ? ipam.pools : [];
  assert.ok(pool);
  const claim: Claim = {
    ...{ name: 'default-10.0.0.5', uid: 'claim-uid', address: '10.0.0.5/24' },
    ...{ pool, object: claimOn('10.0.0.5/24'), isNew: true },
  };
  // No more than what this takes of them.
  const deps = {
    api: { client },
    cluster: {
      store: {
        async take({ owner: { slot } }: ClaimRequest) {
          if (slot > 0) throw second;
          return claim;
        },
        release: async ({ uid }: ClaimRef) => void givenBack.push(uid),
      },
    },
    ...{ clock: systemClock, log: silentLog },
  } as unknown as AttachDeps;
  const context = { node: 'n1', interface: { name: 'net1' }, interfaces: [], isDefault: false, asked: { ips: [] } };
  const request = {
    ipam,
    owner: OWNER,
    context: { ...context, source: 'network "lan"', masterAddresses: () => [] },
  };
  const keeper = { name: 'kept', pod: POD, networks: ['lan'] };
  await assert.rejects(
    takeKeptLeases(request, keeper, deps, new AbortController().signal),
    error => error === (second ?? write),
  );
  return givenBack;
}

test('an address that the IPAMClaim may name, since no answer came, is not given back', async () => {
  assert.deepEqual(await givenBackAfter({ write: new ApiError('Unreachable', 'connection reset') }), []);
  assert.deepEqual(await givenBackAfter({ write: new ApiError('Timeout', 'timed out', { httpStatus: 504 }) }), []);
  // The runtime has hung up while the write was under way.
  assert.deepEqual(await givenBackAfter({ write: new DOMException('aborted', 'AbortError') }), []);
});

test('an address that the IPAMClaim does not name, since the write was refused, is given back', async () => {
  const write = new ApiError('Forbidden', 'forbidden', { httpStatus: 403 });
  assert.deepEqual(await givenBackAfter({ write }), ['claim-uid']);
});

test('of a network whose second range has no address left, what the IPAMClaim names stays, and no more', async () => {
  const second = new IpamError('POOL_EXHAUSTED', 'none left');
  assert.deepEqual(await givenBackAfter({ ips: ['10.0.0.5/24'], second }), []);
  assert.deepEqual(await givenBackAfter({ ips: ['10.0.1.9/24'], second }), ['claim-uid']);
});
