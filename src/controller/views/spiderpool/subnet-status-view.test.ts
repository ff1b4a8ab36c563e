import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_IP_POOLS, SPIDER_SUBNETS, type SpiderIPPool } from '#api';
import { withViews } from '../../../../test/views/scene.ts';
import { spiderSubnetStatusView } from './subnet-status-view.ts';

const NETWORK = { subnet: '10.6.0.0/16' };

function poolOf(name: string, ips: readonly string[], labels: Readonly<Record<string, string>> = {}): SpiderIPPool {
  return { metadata: { name, labels }, spec: { ...NETWORK, ips } };
}

test('spiderSubnetStatusView() says which pool has which addresses of a subnet, and for which workload it was made', async () => {
  await withViews(async scene => {
    const { client, keep, follow, table, eventually } = scene;
    const [pools, subnets] = await Promise.all([follow(SPIDER_IP_POOLS), follow(SPIDER_SUBNETS)]);
    keep(spiderSubnetStatusView(pools, subnets));
    const status = async () => (await client.get(SPIDER_SUBNETS, { name: 'lan' })).status;
    await client.create(SPIDER_SUBNETS, {
      metadata: { name: 'lan' },
      spec: { ...NETWORK, ips: ['10.6.0.10-10.6.0.29'], excludeIPs: ['10.6.0.20'] },
    });
    await eventually(async () => assert.deepEqual(await status(), { totalIPCount: 19, allocatedIPCount: 0 }));
    const prefix = 'ipam.spidernet.io/owner-application';
    await client.create(
      SPIDER_IP_POOLS,
      poolOf('auto4-demo-eth0-1a2b3', ['10.6.0.10-10.6.0.11', '10.6.0.13'], {
        [`${prefix}-gv`]: 'apps_v1',
        [`${prefix}-kind`]: 'Deployment',
        [`${prefix}-namespace`]: 'shop',
        [`${prefix}-name`]: 'demo',
      }),
    );
    await client.create(SPIDER_IP_POOLS, poolOf('by-hand', ['10.6.0.15']));
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'elsewhere' },
      spec: { subnet: '10.7.0.0/16', ips: ['10.7.0.9'] },
    });
    const pool = '"ips":["10.6.0.10-10.6.0.11","10.6.0.13"],"application":"apps_v1_Deployment_shop_demo"';
    await eventually(async () =>
      assert.deepEqual(await status(), {
        controlledIPPools: `{"auto4-demo-eth0-1a2b3":{${pool}},"by-hand":{"ips":["10.6.0.15"]}}`,
        totalIPCount: 19,
        allocatedIPCount: 4,
      }),
    );
    assert.deepEqual(await table(SPIDER_SUBNETS), [
      { NAME: 'lan', VERSION: '4', SUBNET: '10.6.0.0/16', 'ALLOCATED-IP-COUNT': '4', 'TOTAL-IP-COUNT': '19' },
    ]);
    await client.delete(SPIDER_IP_POOLS, { name: 'auto4-demo-eth0-1a2b3' });
    await client.delete(SPIDER_IP_POOLS, { name: 'by-hand' });
    await eventually(async () => assert.deepEqual(await status(), { totalIPCount: 19, allocatedIPCount: 0 }));
  });
});
