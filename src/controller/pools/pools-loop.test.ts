import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  EVENTS,
  IP_ALLOCATIONS,
  KUBE_OVN_SUBNETS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  WHEREABOUTS_IP_POOLS,
} from '#api';
import type { KubeClient } from '#kube';
import { eventually, withControllerScene } from '../../../test/controller/scene.ts';
import { claimOf, whereaboutsPool } from '../views/testing.ts';
import { POOLS_LOOP } from './pools-loop.ts';

const AUTO_POOL_LABELS = { 'ipam.spidernet.io/owner-application-kind': 'Deployment' };

function nadOf(name: string, ipam: object, annotations: Readonly<Record<string, string>> = {}) {
  const config = { cniVersion: '1.0.0', type: 'macvlan', master: 'eth1', ipam: { type: 'whereabouts', ...ipam } };
  return { metadata: { name, namespace: 'default', annotations }, spec: { config: JSON.stringify(config) } };
}

async function eventsOf(client: KubeClient): Promise<readonly string[]> {
  const { items } = await client.list(EVENTS);
  return items.map(({ involvedObject: { kind, name }, type, reason, message }) =>
    [kind, name, type, reason, message].join(' '),
  );
}

test('POOLS_LOOP says how full ranges, pools and Subnets are, and that one is exhausted', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    const deps = await join();
    const running = POOLS_LOOP.start(deps, signal).catch(() => undefined); // ends with the scene
    const shown = async (): Promise<readonly string[]> => {
      const text = await deps.registry.metrics();
      return text
        .split('\n')
        .filter(line => line.startsWith('underlane_pool_'))
        .map(line => line.replace(/^underlane_pool_|dialect=|kind=|pool=|family=/g, ''))
        .sort();
    };
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nadOf('a', { range: '10.0.0.0/30', node_slice_size: '/31' }));
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nadOf('b', { range: '10.0.0.0/30' }));
    await client.create(
      NETWORK_ATTACHMENT_DEFINITIONS,
      nadOf('c', { range: 'fd00::/64' }, { 'underlane.io/scope': 'lab' }),
    );
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nadOf('wrong', { range: 'x' }));
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'p' },
      spec: { subnet: '172.18.0.0/16', ips: ['172.18.30.131-172.18.30.140'] },
    });
    await client.create(SPIDER_RESERVED_IPS, {
      metadata: { name: 'r' },
      spec: { ips: ['172.18.30.131-172.18.30.139'] },
    });
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'auto4-web-eth0-1a2b3', labels: AUTO_POOL_LABELS },
      spec: { subnet: '172.19.0.0/16', ips: ['172.19.0.5'] },
    });
    await client.create(KUBE_OVN_SUBNETS, { metadata: { name: 's' }, spec: { cidrBlock: '10.1.0.0/24,fd01::/120' } });
    await client.create(IP_ALLOCATIONS, claimOf({ address: '10.0.0.1/30', pool: whereaboutsPool('10.0.0.0-30') }));
    const sizes = [
      'size{"whereabouts","IPPool","10.0.0.0-30","4"} 2',
      'size{"whereabouts","IPPool","lab-fd00---64","6"} 18446744073709552000',
      'size{"spiderpool","SpiderIPPool","p","4"} 1',
      'size{"spiderpool","SpiderIPPool","auto4-web-eth0-1a2b3","4"} 1',
      'size{"kube-ovn","Subnet","s","4"} 253',
      'size{"kube-ovn","Subnet","s","6"} 253',
    ];
    const held = (range: number, pool: number) => [
      `held{"whereabouts","IPPool","10.0.0.0-30","4"} ${range}`,
      'held{"whereabouts","IPPool","lab-fd00---64","6"} 0',
      `held{"spiderpool","SpiderIPPool","p","4"} ${pool}`,
      `held{"spiderpool","SpiderIPPool","auto4-web-eth0-1a2b3","4"} ${pool}`,
      'held{"kube-ovn","Subnet","s","4"} 0',
      'held{"kube-ovn","Subnet","s","6"} 0',
    ];
    const isShown = async (lines: readonly string[]): Promise<boolean> =>
      JSON.stringify(await shown()) === JSON.stringify([...lines].sort());
    await eventually('the sizes', () => isShown([...sizes, ...held(1, 0)]));
    assert.deepEqual(await eventsOf(client), []);
    // The range's last address, by a node's slice of it, and the pool's only one.
    const slice = claimOf({ address: '10.0.0.2/30', pool: whereaboutsPool('n1-10.0.0.2-31') });
    const pool = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'p' };
    await client.create(IP_ALLOCATIONS, slice);
    await client.create(IP_ALLOCATIONS, claimOf({ address: '172.18.30.140/16', pool }));
    // A workload's own pool is meant to be full.
    const auto = { ...pool, name: 'auto4-web-eth0-1a2b3' };
    await client.create(IP_ALLOCATIONS, claimOf({ address: '172.19.0.5/16', pool: auto }));
    await eventually('full pools', () => isShown([...sizes, ...held(2, 1)]));
    const waits = 'are held: pods that ask for one wait until one is given back';
    const expected = [
      `NetworkAttachmentDefinition a Warning PoolExhausted All 2 addresses of IPPool 10.0.0.0-30 (IPv4) ${waits}`,
      `NetworkAttachmentDefinition b Warning PoolExhausted All 2 addresses of IPPool 10.0.0.0-30 (IPv4) ${waits}`,
      `SpiderIPPool p Warning PoolExhausted All 1 addresses of SpiderIPPool p (IPv4) ${waits}`,
    ];
    await eventually('the Events', async () => (await eventsOf(client)).length === 3);
    assert.deepEqual([...(await eventsOf(client))].sort(), expected);
    // Not again while it stays so.
    await client.delete(NETWORK_ATTACHMENT_DEFINITIONS, { namespace: 'default', name: 'c' });
    await eventually('another round', async () => !(await shown()).some(line => line.includes('lab-')));
    await deps.events.flush();
    assert.equal((await eventsOf(client)).length, 3);
    void running;
  });
});

test('POOLS_LOOP says how many addresses of an exhausted pool are in quarantine', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    const deps = await join();
    void POOLS_LOOP.start(deps, signal).catch(() => undefined); // ends with the scene
    const pool = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'p' };
    await client.create(IP_ALLOCATIONS, claimOf({ address: '10.0.0.2/24', pool, quarantine: '02:00:00:00:00:01' }));
    await client.create(IP_ALLOCATIONS, claimOf({ address: '10.0.0.3/24', pool }));
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'p' },
      spec: { subnet: '10.0.0.0/24', ips: ['10.0.0.2-10.0.0.3'] },
    });
    const [event] = await eventually('the Event', async () => {
      const events = await eventsOf(client);
      return events.length > 0 && events;
    });
    assert.equal(
      event,
      'SpiderIPPool p Warning PoolExhausted All 2 addresses of SpiderIPPool p (IPv4) are held, 1 of them in quarantine, since others on the network have answered for them: pods that ask for one wait until one is given back',
    );
  });
});

test('POOLS_LOOP warns of a range that Whereabouts keeps records of, which were not taken over', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    const deps = await join();
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nadOf('a', { range: '10.0.0.0/24' }));
    await client.create(NETWORK_ATTACHMENT_DEFINITIONS, nadOf('b', { range: '10.0.1.0/24' }));
    const allocations = { '5': { id: 'c', podref: 'default/old' }, '6': { id: 'd', podref: 'default/older' } };
    for (const [name, range, labels] of [
      ['10.0.0.0-24', '10.0.0.0/24', {}],
      ['10.0.1.0-24', '10.0.1.0/24', { 'underlane.io/view': 'claims' }],
      ['10.0.2.0-24', '10.0.2.0/24', {}],
    ] as const) {
      const metadata = { namespace: 'kube-system', name, labels };
      await client.create(WHEREABOUTS_IP_POOLS, { metadata, spec: { range, allocations } });
    }
    await client.create(IP_ALLOCATIONS, claimOf({ address: '10.0.0.1/24', pool: whereaboutsPool('10.0.0.0-24') }));
    await client.create(IP_ALLOCATIONS, claimOf({ address: '10.0.1.1/24', pool: whereaboutsPool('10.0.1.0-24') }));
    void POOLS_LOOP.start(deps, signal).catch(() => undefined); // ends with the scene
    const events = await eventually('the Event', async () => {
      const found = await eventsOf(client);
      return found.length > 0 && found;
    });
    assert.deepEqual(events, [
      `NetworkAttachmentDefinition a Warning ForeignAllocations Whereabouts' IPPool kube-system/10.0.0.0-24 says who has 2 of its addresses, which Underlane does not know: it hands them out as well, until "underlane migrate --from whereabouts" has taken the IPPool over`,
    ]);
  });
});
