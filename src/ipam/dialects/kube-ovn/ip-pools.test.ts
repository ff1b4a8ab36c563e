import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofStatefulSet, podWith, poolOf, spell, subnetOf, waysOf, wishesOf } from './testing.ts';

const SUBNETS = [subnetOf({ cidrBlock: '172.17.0.0/24', excludeIps: ['172.17.0.12'] })];

test('what IPPools have is not handed out to those who name none, though they may ask for it', async () => {
  const pools = [poolOf('pool-1', ['172.17.0.10..172.17.0.20']), poolOf('pool-2', ['172.17.0.100/30'])];
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS, pools })), [
    '172.17.0.2-172.17.0.9,172.17.0.21-172.17.0.99,172.17.0.104-172.17.0.254',
  ]);
  const pod = podWith({ ip_address: '172.17.0.11' });
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS, pools }, { pod })), ['172.17.0.11']);
});

test('ip_pool names an IPPool: its part of the Subnet, without what that excludes', async () => {
  const pools = [poolOf('pool-1', ['172.17.0.10..172.17.0.20', '10.0.0.0/8'])];
  const wishes = await wishesOf({ subnets: SUBNETS, pools }, { pod: podWith({ ip_pool: 'pool-1' }) });
  assert.deepEqual(waysOf(wishes), ['172.17.0.10-172.17.0.11,172.17.0.13-172.17.0.20']);
  assert.deepEqual(wishes.alternatives[0]?.[0]?.pools[0]?.ref, {
    dialect: 'kube-ovn',
    kind: 'Subnet',
    name: 'macvlan',
  });
  const set = { pod: podWith({ ip_pool: 'pool-1' }, ofStatefulSet('web-3')) };
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS, pools }, set)), waysOf(wishes));
});

test('ip_pool names several IPPools, tried in order', async () => {
  const pools = [poolOf('b', ['172.17.0.20..172.17.0.21']), poolOf('a', ['172.17.0.10..172.17.0.11'])];
  const wishes = await wishesOf({ subnets: SUBNETS, pools }, { pod: podWith({ ip_pool: 'b,a' }) });
  assert.deepEqual(waysOf(wishes), ['172.17.0.20-172.17.0.21 then 172.17.0.10-172.17.0.11']);
});

test('an IPPool that does not exist, is of another Subnet, for other namespaces or wrong is refused', async () => {
  const pools = [
    poolOf('foreign', ['10.9.0.1'], { subnet: 'other' }),
    poolOf('closed', ['172.17.0.10'], { namespaces: ['team-a', 'team-b'] }),
    poolOf('wrong', ['172.17.0.30..172.17.0.20']),
  ];
  const rejects = (ip_pool: string, code: string, message: RegExp) =>
    assert.rejects(wishesOf({ subnets: SUBNETS, pools }, { pod: podWith({ ip_pool }) }), { code, message });
  await rejects(
    'none',
    'NO_POOL',
    /annotation "macvlan\.default\.kubernetes\.io\/ip_pool" of pod "default\/web-0" names IPPool "none", which does not exist/,
  );
  await rejects(
    'foreign',
    'POOL_NOT_FOR_POD',
    /IPPool "foreign", which is of Subnet "other", expected one of Subnet "macvlan"/,
  );
  await rejects(
    'closed',
    'POOL_NOT_FOR_POD',
    /IPPool "closed", whose namespaces are team-a, team-b, expected default among them/,
  );
  await rejects('wrong', 'BAD_POOL', /IPPool "wrong", whose spec\.ips\[0\] is "172\.17\.0\.30\.\.172\.17\.0\.20"/);
});

test('an address of an IPPool for other namespaces cannot be asked for, except by who has it', async () => {
  const pools = [poolOf('closed', ['172.17.0.10..172.17.0.20'], { namespaces: ['team-a'] })];
  for (const keys of [{ ip_address: '172.17.0.11' }, { ip_pool: '172.17.0.50,172.17.0.11' }]) {
    await assert.rejects(wishesOf({ subnets: SUBNETS, pools }, { pod: podWith(keys) }), {
      code: 'POOL_NOT_FOR_POD',
      message: /asks for 172\.17\.0\.11 of IPPool "closed", whose namespaces are team-a/,
    });
  }
  const owner = { podNamespace: 'default', podName: 'web-0', network: 'default/macvlan', interface: 'net1', slot: 0 };
  const claim = (podUid: string) => ({
    metadata: { name: 'default-172.17.0.11' },
    spec: {
      ...{ address: '172.17.0.11/24', pool: { dialect: 'kube-ovn', kind: 'Subnet', name: 'macvlan' }, node: 'node-a' },
      ...{ owner: { ...owner, podUid }, policy: 'Ephemeral' as const },
    },
  });
  const pod = podWith({ ip_address: '172.17.0.11' });
  const has = async (podUid: string) =>
    waysOf(await wishesOf({ subnets: SUBNETS, pools, claims: [claim(podUid)] }, { pod }));
  assert.deepEqual(await has('pod-1'), ['172.17.0.11']);
  await assert.rejects(has('pod-2'), { code: 'POOL_NOT_FOR_POD' });
  const namespace = podWith({ ip_address: '172.17.0.11' }, { namespace: 'team-a' });
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS, pools }, { pod: namespace })), ['172.17.0.11']);
});

test("a namespace's pods get their addresses of its IPPools and of nothing else", async () => {
  const pools = [
    poolOf('b', ['172.17.0.20'], { namespaces: ['default'] }),
    poolOf('a', ['172.17.0.10'], { namespaces: ['default', 'other'] }),
    poolOf('c', ['172.17.0.30']),
    poolOf('d', ['10.0.0.1'], { subnet: 'other', namespaces: ['default'] }),
  ];
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS, pools })), ['172.17.0.10 then 172.17.0.20']);
  const namespaces = [{ metadata: { name: 'default', annotations: { 'ovn.kubernetes.io/ip_pool': 'c,b' } } }];
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS, pools, namespaces })), [
    '172.17.0.30 then 172.17.0.20 then 172.17.0.10',
  ]);
});

test('a family that the IPPool has not comes from the Subnet', async () => {
  const subnets = [subnetOf({ cidrBlock: '172.17.0.0/24,fd00:17::/120' })];
  const pools = [poolOf('pool-1', ['172.17.0.10'])];
  assert.deepEqual(waysOf(await wishesOf({ subnets, pools }, { pod: podWith({ ip_pool: 'pool-1' }) })), [
    '172.17.0.10 and fd00:17::2-fd00:17::fe',
  ]);
});

test('a pod keeps what it had of the Subnet before an IPPool for its namespace came, but not beside one that it names', async () => {
  const keptWith = async (keys: Readonly<Record<string, string>>): Promise<string> => {
    const pools = [poolOf('own', ['172.17.0.10'], { namespaces: ['default'] })];
    const { alternatives } = await wishesOf({ subnets: SUBNETS, pools }, { pod: podWith(keys) });
    const [pool] = alternatives[0]?.[0]?.pools ?? [];
    assert.equal(spell(4, pool?.usable ?? []), '172.17.0.10');
    return spell(4, pool?.kept ?? []);
  };
  assert.deepEqual([await keptWith({}), await keptWith({ ip_pool: 'own' })], ['172.17.0.2-172.17.0.254', '']);
});
