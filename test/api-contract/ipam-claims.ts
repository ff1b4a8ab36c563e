import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { IPAM_CLAIMS, type IPAMClaim, ipamClaimSchema, listCrds, PODS } from '#api';
import { systemClock } from '#base';
import { holdIpamClaim, recordAddresses } from '#ipam';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import type { Target } from './target.ts';
import { eventually, withCode } from './target.ts';

/** IPAMClaims: our definition of them, and the status as a lock. */
export function testIpamClaims(target: () => Target): void {
  const name = () => ({ namespace: target().namespace, name: 'vm1.lan' });
  const get = (): Promise<IPAMClaim> => target().client.get(IPAM_CLAIMS, name());
  const signal = new AbortController().signal;

  before(async () => {
    const { client } = target();
    const crd = listCrds().find(({ spec }) => spec.names.kind === 'IPAMClaim');
    assert.ok(crd);
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd).catch(withCode('AlreadyExists'));
    await eventually('the IPAMClaims to be served', async () => {
      try {
        return await client.list(IPAM_CLAIMS, { namespace: target().namespace });
      } catch {
        return undefined;
      }
    });
  });

  test('an IPAMClaim without network is refused; a status on creation is dropped', async () => {
    const { client } = target();
    await assert.rejects(
      client.create(IPAM_CLAIMS, { metadata: name(), spec: { interface: 'net1' } as IPAMClaim['spec'] }),
      withCode('Invalid'),
    );
    const made = await client.create(IPAM_CLAIMS, {
      metadata: name(),
      spec: { network: 'lan', interface: 'net1' },
      status: { ips: ['10.0.0.5/24'], ownerPod: 'x' },
    });
    assert.equal(made.status, undefined);
  });

  test('a pod holds it and writes addresses into its status; another is refused, and let in when the first is gone', async () => {
    const { client, namespace } = target();
    const io = { client, clock: systemClock };
    const makePod = async (pod: string) => {
      const { metadata } = await client.create(PODS, {
        metadata: { namespace, name: pod },
        spec: { containers: [{ name: 'c', image: 'none:1' }] },
      });
      return { name: 'vm1.lan', networks: ['lan'], pod: { namespace, name: pod, uid: metadata.uid ?? '' } };
    };
    const a = await makePod('kept-a');
    const held = await holdIpamClaim(a, io, signal);
    assert.deepEqual(held.ips, []);
    await recordAddresses(a, held, ['10.0.0.5/24'], io, signal);
    const { status } = await get();
    assert.deepEqual([status?.ips, status?.ownerPod], [['10.0.0.5/24'], 'kept-a']);
    assert.ok(ipamClaimSchema.safeParse(await get()).success);
    const b = await makePod('kept-b');
    await assert.rejects(holdIpamClaim(b, io, signal), { code: 'IPAM_CLAIM_IN_USE' });
    await client.delete(PODS, { namespace, name: 'kept-a' }, { gracePeriodSeconds: 0 });
    assert.deepEqual((await holdIpamClaim(b, io, signal)).ips, ['10.0.0.5/24']);
    // What was held before is not any more.
    await assert.rejects(recordAddresses(a, held, ['10.0.0.6/24'], io, signal), { code: 'IPAM_CLAIM_IN_USE' });
    assert.deepEqual((await get()).status?.ips, ['10.0.0.5/24']);
    await client.delete(PODS, { namespace, name: 'kept-b' }, { gracePeriodSeconds: 0 });
    await client.delete(IPAM_CLAIMS, name());
  });
}
