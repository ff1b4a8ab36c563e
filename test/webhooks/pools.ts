import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IP_ALLOCATIONS, KUBE_OVN_SUBNETS, NODE_LABEL, SPIDER_IP_POOLS } from '#api';
import { messageOf } from '#base';
import { claimOn } from '../../src/api/testing.ts';
import { eventually, withCode } from '../api-contract/target.ts';
import { kubectl } from '../kubectl/kubectl.ts';
import { pool, subnet } from './manifests.ts';
import type { WebhookScene } from './scene.ts';

/** Pools of Spiderpool and Subnets of Kube-OVN at `kubectl apply`. */
export function testPools(scene: WebhookScene): void {
  const { apply, refused, taken } = scene;

  test('a wrong pool is refused with every field, a right one completed', async () => {
    const { client } = scene.target;
    await refused(
      pool('wrong', { subnet: '10.6.0.0/16', ips: ['10.7.0.5', '10.6.0.9-10.6.0.3'], gateway: '10.7.0.1' }),
      /^The SpiderIPPool "wrong" is invalid: *\n/,
      /^\* spec\.ips\[0\]: .*"10\.7\.0\.5"/m,
      /^\* spec\.ips\[1\]: .*"10\.6\.0\.9-10\.6\.0\.3"/m,
      /^\* spec\.gateway: .*"10\.7\.0\.1"/m,
    );
    await refused(
      pool('gateway', { subnet: '10.6.0.0/16', ips: ['10.6.0.1-10.6.0.9'], gateway: '10.6.0.1' }),
      /is invalid: spec\.gateway: is "10\.6\.0\.1", expected /,
    );
    await taken(pool('right', { subnet: '10.6.0.0/16', ips: ['10.6.0.9', '10.6.0.3-10.6.0.8'], gateway: '10.6.0.1' }));
    const { spec, metadata } = await client.get(SPIDER_IP_POOLS, { name: 'right' });
    assert.deepEqual([spec.ipVersion, spec.ips], [4, ['10.6.0.3-10.6.0.9']]);
    assert.ok(Object.keys(metadata.labels ?? {}).length > 0);
    // Applying the same again finds nothing to do.
    const again = await taken(
      pool('right', { subnet: '10.6.0.0/16', ips: ['10.6.0.9', '10.6.0.3-10.6.0.8'], gateway: '10.6.0.1' }),
    );
    assert.match(again.stdout, /spiderippool.* (unchanged|configured)/);
    const said = await eventually('the pool to be known', async () => {
      const { stderr } = await apply(pool('second', { subnet: '10.6.0.0/16', ips: ['10.6.0.8-10.6.0.20'] }));
      return stderr === '' ? undefined : stderr;
    });
    assert.match(said, / spec\.ips.*: .*overlap.*right/);
    await client.delete(SPIDER_IP_POOLS, { name: 'right' });
  });

  test('a pool in use is neither deleted nor made smaller than its use', async () => {
    const { client } = scene.target;
    await taken(pool('used', { subnet: '10.8.0.0/16', ips: ['10.8.0.3-10.8.0.9'] }));
    const { spec } = claimOn('10.8.0.5/16', {
      pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'used' },
      owner: { podNamespace: 'shop', podName: 'web' },
    });
    const claim = await client.create(IP_ALLOCATIONS, {
      metadata: { name: 'default-10.8.0.5', labels: { [NODE_LABEL]: 'x' } },
      spec,
    });
    const { kubeconfigPath } = scene.target;
    const said = await eventually('the claim to be known', async () => {
      const { stderr } = await kubectl(kubeconfigPath, ['delete', '--dry-run=server', 'spiderippool', 'used']);
      return stderr === '' ? undefined : stderr;
    });
    assert.match(said, /denied the request: Cannot delete SpiderIPPool "used": .*10\.8\.0\.5 by Pod shop\/web/);
    await refused(
      pool('used', { subnet: '10.8.0.0/16', ips: ['10.8.0.6-10.8.0.9'] }),
      /is invalid: spec\.ips: .*10\.8\.0\.5 that is being used by Pod shop\/web/,
    );
    await refused(
      pool('used', { subnet: '10.9.0.0/16', ips: ['10.9.0.6'] }),
      /is invalid: .*spec\.subnet: .*not changeable/s,
    );
    await client.delete(IP_ALLOCATIONS, { name: claim.metadata.name });
    await eventually('the pool to be free', async () => {
      const { exitCode } = await kubectl(kubeconfigPath, ['delete', 'spiderippool', 'used']);
      return exitCode === 0 ? true : undefined;
    });
  });

  test('addresses of the other family are refused, thousands of entries are not', async () => {
    await refused(
      pool('mixed', { subnet: '10.5.0.0/16', ips: ['fd00::5'], gateway: 'fd00::1' }),
      /^\* spec\.ips\[0\]: .*"fd00::5"/m,
      /^\* spec\.gateway: .*"fd00::1"/m,
    );
    const { client } = scene.target;
    const ips = Array.from({ length: 5_000 }, (_, index) => `10.5.${index >> 6}.${1 + 2 * (index % 64)}`);
    const metadata = { name: 'many' };
    const { spec } = await client.create(SPIDER_IP_POOLS, { metadata, spec: { subnet: '10.5.0.0/16', ips } });
    assert.deepEqual([spec.ips?.length, spec.ipVersion], [5_000, 4]);
    await assert.rejects(
      client.create(SPIDER_IP_POOLS, { metadata, spec: { subnet: '10.5.0.0/16', ips: [...ips, '10.4.0.1'] } }),
      (error: unknown) => withCode('Invalid')(error) && /spec\.ips\[5000\] is "10\.4\.0\.1"/.test(messageOf(error)),
    );
    await client.delete(SPIDER_IP_POOLS, metadata);
  });

  test('a wrong Subnet of Kube-OVN is refused, a right one completed', async () => {
    const { client } = scene.target;
    await refused(
      subnet('wrong', { cidrBlock: '10.3.0.0/16', gateway: '10.2.0.1', excludeIps: ['10.3.0.9..10.3.0.3'] }),
      /^\* spec\.gateway: .*"10\.2\.0\.1"/m,
      /^\* spec\.excludeIps\[0\]: .*"10\.3\.0\.9\.\.10\.3\.0\.3"/m,
    );
    await taken(subnet('right', { cidrBlock: '10.3.0.0/16', excludeIps: ['10.3.0.10..10.3.0.20'] }));
    const { spec } = await client.get(KUBE_OVN_SUBNETS, { name: 'right' });
    assert.deepEqual(
      [spec.protocol, spec.gateway, spec.excludeIps],
      ['IPv4', '10.3.0.1', ['10.3.0.1', '10.3.0.10..10.3.0.20']],
    );
    const said = await eventually('the Subnet to be known', async () => {
      const { stderr } = await apply(subnet('second', { cidrBlock: '10.3.4.0/24' }));
      return stderr === '' ? undefined : stderr;
    });
    assert.match(said, / spec\.cidrBlock: .*Subnet right has 10\.3\.0\.0\/16/);
    await client.delete(KUBE_OVN_SUBNETS, { name: 'right' });
  });
}
