import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api';
import type { WishContext } from '../../wishes/wishes.ts';
import { RESULTS_ANNOTATION } from './pod-annotations.ts';
import { ofStatefulSet, podWith, poolOf, subnetOf, waysOf, wishesOf } from './testing.ts';

const SUBNETS = [subnetOf({ cidrBlock: '172.17.0.0/24', excludeIps: ['172.17.0.200..172.17.0.254'] })];
const DUAL = [subnetOf({ cidrBlock: '172.17.0.0/24,fd00:17::/120' })];

test('ip_address asks for one address, of both families where it has both, and joins any of the other', async () => {
  const pod = podWith({ ip_address: '172.17.0.100' });
  assert.deepEqual(waysOf(await wishesOf({ subnets: SUBNETS }, { pod })), ['172.17.0.100']);
  assert.deepEqual(waysOf(await wishesOf({ subnets: DUAL }, { pod })), ['172.17.0.100 and fd00:17::2-fd00:17::fe']);
  const both = podWith({ ip_address: ' fd00:17::100, 172.17.0.100' });
  assert.deepEqual(waysOf(await wishesOf({ subnets: DUAL }, { pod: both })), ['172.17.0.100 and fd00:17::100']);
});

test('ip_address of a family that the Subnet has not, twice of one, or no address at all is refused', async () => {
  for (const [text, expected] of [
    ['fd00:17::100', /expected addresses of Subnet "macvlan", whose cidrBlock is "172\.17\.0\.0\/24"/],
    ['172.17.0.100,172.17.0.101', /expected at most one address of each family/],
    ['172.17.0.300', /expected addresses, of which "172\.17\.0\.300" is none/],
  ] as const) {
    await assert.rejects(wishesOf({ subnets: SUBNETS }, { pod: podWith({ ip_address: text }) }), {
      code: 'BAD_ANNOTATION',
      message: expected,
    });
  }
});

test('ips of the network selection go before ip_address, with or without prefix length', async () => {
  const pod = podWith({ ip_address: '172.17.0.100' });
  const ways = async (...ips: string[]) => waysOf(await wishesOf({ subnets: SUBNETS }, { pod, asked: { ips } }));
  assert.deepEqual(await ways('172.17.0.9'), ['172.17.0.9']);
  assert.deepEqual(await ways('172.17.0.9/24'), ['172.17.0.9/24']);
});

test('ip_address.net1 is for one interface of several on a network; ip_address for the first of them', async () => {
  const [net1, net2] = [
    { name: 'net1', nad: 'default/macvlan' },
    { name: 'net2', nad: 'default/macvlan' },
  ];
  const interfaces = [net1, net2];
  const ways = async (own: typeof net1, keys: Readonly<Record<string, string>>) =>
    waysOf(await wishesOf({ subnets: SUBNETS }, { pod: podWith(keys), interface: own, interfaces }));
  const suffixed = { 'ip_address.net1': '172.17.0.11', 'ip_address.net2': '172.17.0.12' };
  assert.deepEqual([await ways(net1, suffixed), await ways(net2, suffixed)], [['172.17.0.11'], ['172.17.0.12']]);
  const inside = { 'macvlan.default.net2.kubernetes.io/ip_address': '172.17.0.13' };
  assert.deepEqual(await ways(net2, inside), ['172.17.0.13']);
  const plain = { ip_address: '172.17.0.14' };
  assert.deepEqual([await ways(net1, plain), await ways(net2, plain)], [['172.17.0.14'], ['172.17.0.2-172.17.0.199']]);
  assert.deepEqual(await ways(net2, { ip_family: 'ipv4', ip_pool: '172.17.0.20,172.17.0.21' }), [
    '172.17.0.20-172.17.0.21',
  ]);
});

test('ip_pool is a list from which the first free address comes, excluded ones too', async () => {
  const ways = async (text: string) =>
    waysOf(await wishesOf({ subnets: SUBNETS }, { pod: podWith({ ip_pool: text }) }));
  assert.deepEqual(await ways('172.17.0.200,172.17.0.205'), ['172.17.0.200,172.17.0.205']);
  assert.deepEqual(await ways('172.17.0.205, 172.17.0.200,172.17.0.201'), [
    '172.17.0.205 then 172.17.0.200-172.17.0.201',
  ]);
  assert.deepEqual(await ways('172.17.0.7;172.17.0.8'), ['172.17.0.7-172.17.0.8']);
});

test('ip_pool of both families is a list of pairs', async () => {
  const ways = async (text: string) => waysOf(await wishesOf({ subnets: DUAL }, { pod: podWith({ ip_pool: text }) }));
  assert.deepEqual(await ways('172.17.0.200,fd00:17::20;172.17.0.201,fd00:17::21'), [
    '172.17.0.200 and fd00:17::20',
    '172.17.0.201 and fd00:17::21',
  ]);
  assert.deepEqual(await ways('172.17.0.200,fd00:17::20'), ['172.17.0.200 and fd00:17::20']);
  assert.deepEqual(await ways('172.17.0.200,172.17.0.201'), ['172.17.0.200-172.17.0.201 and fd00:17::2-fd00:17::fe']);
});

test("ip_pool gives a StatefulSet's pod the entry of its number", async () => {
  const ways = async (name: string, text: string) =>
    waysOf(await wishesOf({ subnets: DUAL }, { pod: podWith({ ip_pool: text }, ofStatefulSet(name)) }));
  assert.deepEqual(await ways('web-1', '172.17.0.200,172.17.0.201'), ['172.17.0.201 and fd00:17::2-fd00:17::fe']);
  assert.deepEqual(await ways('web-1', '172.17.0.9,fd00:17::9;172.17.0.8,fd00:17::8'), ['172.17.0.8 and fd00:17::8']);
  await assert.rejects(ways('web-10', '172.17.0.200,172.17.0.201'), {
    code: 'BAD_ANNOTATION',
    message: /ip_pool.*expected an entry for the pod, which is number 10: it has 2, from number 0 on/,
  });
});

test('ip_pool with an address that no pod can have is refused, whichever else would be free', async () => {
  for (const text of ['172.17.0.9,172.18.0.9', '172.17.0.9,172.17.0.1', '172.17.0.9,172.17.0.255']) {
    await assert.rejects(wishesOf({ subnets: SUBNETS }, { pod: podWith({ ip_pool: text }) }), {
      code: 'BAD_ANNOTATION',
      message: /expected addresses that a pod of Subnet "macvlan" can have, as 172\.1[78]\.0\.\d+ is not/,
    });
  }
});

test('ip_pool that mixes addresses and names is refused', async () => {
  const pod = podWith({ ip_pool: 'pool-1,172.17.0.9' });
  await assert.rejects(wishesOf({ subnets: SUBNETS, pools: [poolOf('pool-1', ['172.17.0.9'])] }, { pod }), {
    code: 'BAD_ANNOTATION',
    message: /of which "pool-1" is none/,
  });
});

test('ip_address that only tells what an interface got is no wish; what was asked for behind it is', async () => {
  const ways = async (pod: Pod, context: Partial<WishContext> = {}) => waysOf(await wishesOf({}, { pod, ...context }));
  const result = { ip_address: '172.17.0.9', allocated: 'true' };
  const anything = ['172.17.0.2-172.17.255.254'];
  assert.deepEqual(await ways(podWith(result)), ['172.17.0.9']);
  assert.deepEqual(await ways(podWith({ ...result, [RESULTS_ANNOTATION]: 'other.default,macvlan.default' })), anything);
  assert.deepEqual(await ways(podWith({ ...result, [RESULTS_ANNOTATION]: 'macvlan.default.net1' })), ['172.17.0.9']);
  const asked = { 'ip_address.net1': '172.17.0.7', ...result, [RESULTS_ANNOTATION]: 'macvlan.default' };
  assert.deepEqual(await ways(podWith(asked)), ['172.17.0.7']);
  // Of two interfaces the first one was asked for in plain words, and told by its name.
  const interfaces = ['net1', 'net2'].map(name => ({ name, nad: 'default/macvlan' }));
  const two = podWith({
    ip_address: '172.17.0.7',
    'macvlan.default.net1.kubernetes.io/ip_address': '172.17.0.7',
    'macvlan.default.net2.kubernetes.io/ip_address': '172.17.0.9',
    [RESULTS_ANNOTATION]: 'macvlan.default.net1,macvlan.default.net2',
  });
  const of = (index: number) => ways(two, { interfaces, interface: interfaces[index] ?? { name: 'none' } });
  assert.deepEqual([await of(0), await of(1)], [['172.17.0.7'], anything]);
});

test('ip_address beside ip_pool is what was allocated, once allocated says so, and no wish', async () => {
  const keys = { ip_pool: '172.17.0.200,172.17.0.201', ip_address: '172.17.0.201' };
  const ways = async (pod: ReturnType<typeof podWith>) => waysOf(await wishesOf({ subnets: SUBNETS }, { pod }));
  assert.deepEqual(await ways(podWith(keys)), ['172.17.0.201']);
  assert.deepEqual(await ways(podWith({ ...keys, allocated: 'true' })), ['172.17.0.200-172.17.0.201']);
  assert.deepEqual(await ways(podWith({ ip_address: '172.17.0.201', allocated: 'true' })), ['172.17.0.201']);
});

test('an annotation of separators alone, or with a place left empty, is refused: nobody gets something else for it', async () => {
  const annotated = (keys: Readonly<Record<string, string>>) => wishesOf({ subnets: SUBNETS }, { pod: podWith(keys) });
  for (const keys of [
    { ip_pool: ',' },
    { ip_pool: ' ; ' },
    { ip_pool: '172.17.0.9;,;172.17.0.10' },
    { ip_address: ',' },
  ]) {
    await assert.rejects(annotated(keys), {
      code: 'BAD_ANNOTATION',
      message: /its value is ".*[,;].*", expected (addresses, or names of IPPools|an address in each place)$/,
    });
  }
  assert.deepEqual(waysOf(await annotated({ ip_pool: ';172.17.0.9;' })), ['172.17.0.9']);
});

test('what is wrong with a long annotation is said in a short sentence', async () => {
  const long = 'x'.repeat(200_000);
  const addresses = Array.from({ length: 5000 }, (_, index) => `172.18.${index >> 8}.${index & 255}`).join();
  for (const keys of [
    { ip_pool: long },
    { ip_pool: addresses },
    { ip_pool: `172.17.0.9,${long}` },
    { ip_address: long },
    { ip_family: long },
    { logical_switch: long },
    { routes: long },
    { default_route: long },
  ]) {
    await assert.rejects(wishesOf({ subnets: SUBNETS }, { pod: podWith(keys) }), ({ message }: Error) => {
      assert.ok(message.length < 500, `${JSON.stringify(Object.keys(keys))}: ${message.length}`);
      return true;
    });
  }
});
