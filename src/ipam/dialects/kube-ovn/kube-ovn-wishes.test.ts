import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ofStatefulSet, podWith, subnetOf, usableOf, waysOf, wishesOf } from './testing.ts';

const DUAL = subnetOf({ cidrBlock: '172.17.0.0/24,fd00:17::/120', excludeIps: ['172.17.0.0..172.17.0.10'] });

test('kubeOvnWishes() takes an address of each family of the Subnet that has the provider', async () => {
  const { alternatives, fixed, routes, workload } = await wishesOf({
    subnets: [subnetOf({ provider: 'other.default' }, 'a'), DUAL],
  });
  assert.deepEqual(waysOf({ alternatives } as never), ['172.17.0.11-172.17.0.254 and fd00:17::2-fd00:17::fe']);
  assert.deepEqual([fixed, routes, workload], [[], [], undefined]);
  const [pool] = alternatives[0]?.[0]?.pools ?? [];
  assert.deepEqual(pool?.ref, { dialect: 'kube-ovn', kind: 'Subnet', name: 'macvlan' });
  assert.equal(pool?.prefixLength, 24);
  assert.equal(pool?.order, 'unused-first');
});

test('kubeOvnWishes() says that a provider is bound to no Subnet, and falls back on none', async () => {
  await assert.rejects(wishesOf({ subnets: [subnetOf({ provider: 'ovn' }, 'ovn-default')] }), {
    code: 'NO_POOL',
    retriable: true,
    message: /network "default\/macvlan": provider macvlan\.default is not bound to any subnet/,
  });
});

test('kubeOvnWishes() follows logical_switch to a Subnet of any provider', async () => {
  const subnets = [DUAL, subnetOf({ provider: 'ovn', cidrBlock: '10.9.0.0/30' }, 'other')];
  const wishes = await wishesOf({ subnets }, { pod: podWith({ logical_switch: 'other' }) });
  assert.deepEqual(waysOf(wishes), ['10.9.0.2']);
  await assert.rejects(wishesOf({ subnets }, { pod: podWith({ logical_switch: 'none' }) }), {
    code: 'NO_POOL',
    message:
      /annotation "macvlan\.default\.kubernetes\.io\/logical_switch" of pod "default\/web-0" names Subnet "none"/,
  });
});

test("kubeOvnWishes() tries a provider's Subnets one after the other, those of the pod's namespace first", async () => {
  const small = (name: string, cidrBlock: string, namespaces?: readonly string[]) =>
    subnetOf({ cidrBlock, ...(namespaces === undefined ? {} : { namespaces }) }, name);
  const subnets = [small('c', '10.3.0.0/30'), small('b', '10.2.0.0/30', ['default']), small('a', '10.1.0.0/30')];
  assert.deepEqual(waysOf(await wishesOf({ subnets })), ['10.2.0.2', '10.1.0.2', '10.3.0.2']);
  const annotations = { 'ovn.kubernetes.io/logical_switch': 'c, a' };
  const namespaces = [{ metadata: { name: 'default', annotations } }];
  assert.deepEqual(waysOf(await wishesOf({ subnets, namespaces })), ['10.3.0.2', '10.1.0.2', '10.2.0.2']);
  const labelled = [{ metadata: { name: 'default', labels: { team: 'red' } } }];
  const selectors = (team: string) => ({
    namespaceSelectors: [{ matchLabels: { team: 'blue' } }, { matchLabels: { team } }],
  });
  const bySelector = (team: string) =>
    wishesOf({
      subnets: [small('a', '10.1.0.0/30'), subnetOf({ cidrBlock: '10.2.0.0/30', ...selectors(team) }, 'b')],
      namespaces: labelled,
    });
  assert.deepEqual(waysOf(await bySelector('red')), ['10.2.0.2', '10.1.0.2']);
  assert.deepEqual(waysOf(await bySelector('green')), ['10.1.0.2', '10.2.0.2']);
  const asked = await wishesOf({ subnets }, { pod: podWith({ ip_address: '10.3.0.2' }) });
  assert.deepEqual(
    asked.alternatives.map(way => way[0]?.pools.map(pool => pool.ref.name)),
    [['c']],
  );
});

test('kubeOvnWishes() does not use a Subnet that is wrong, and says why', async () => {
  const wrong = subnetOf({ gateway: '10.0.0.1' });
  await assert.rejects(wishesOf({ subnets: [wrong] }), {
    code: 'BAD_POOL',
    message: /Subnet "macvlan": spec\.gateway is "10\.0\.0\.1", expected an address inside 172\.17\.0\.0\/16/,
  });
  const other = subnetOf({ cidrBlock: '10.1.0.0/30' }, 'other');
  assert.deepEqual(waysOf(await wishesOf({ subnets: [wrong, other] })), ['10.1.0.2']);
});

test('kubeOvnWishes() takes no address of a Subnet that Kube-OVN itself hands out', async () => {
  const subnet = subnetOf();
  const kept = { ...subnet, metadata: { ...subnet.metadata, finalizers: ['kubeovn.io/kube-ovn-controller'] } };
  for (const pod of [podWith(), podWith({ ip_address: '172.17.0.9' })]) {
    const { alternatives } = await wishesOf({ subnets: [kept] }, { pod });
    const [wish] = alternatives[0] ?? [];
    assert.match(wish?.closed ?? '', /^Subnet "macvlan": Kube-OVN keeps it, until `underlane migrate --from kube-ovn`/);
    assert.equal(wish?.address, undefined);
    assert.deepEqual([wish?.pools[0]?.usable, wish?.pools[0]?.fixable], [[], []]);
  }
  const other = subnetOf({ cidrBlock: '10.1.0.0/30' }, 'other');
  assert.deepEqual(waysOf(await wishesOf({ subnets: [kept, other] })), ['10.1.0.2']);
});

test('kubeOvnWishes() takes one family where ip_family says so', async () => {
  const only = (family: string, keys: Readonly<Record<string, string>> = {}) =>
    wishesOf({ subnets: [DUAL] }, { pod: podWith({ ip_family: family, ...keys }) });
  assert.deepEqual(waysOf(await only('ipv4')), ['172.17.0.11-172.17.0.254']);
  assert.deepEqual(waysOf(await only('ipv6')), ['fd00:17::2-fd00:17::fe']);
  await assert.rejects(only('IPv6'), {
    code: 'BAD_ANNOTATION',
    message: /ip_family.*"IPv6", expected "ipv4" or "ipv6"/,
  });
  await assert.rejects(only('ipv6', { ip_address: '172.17.0.9' }), {
    code: 'BAD_ANNOTATION',
    message: /ip_address.*"172\.17\.0\.9", expected addresses of the one family that ip_family names/,
  });
  await assert.rejects(wishesOf({}, { pod: podWith({ ip_family: 'ipv6' }) }), { code: 'BAD_ANNOTATION' });
});

test("kubeOvnWishes() makes a StatefulSet's addresses its own", async () => {
  const { workload } = await wishesOf({}, { pod: podWith({}, ofStatefulSet('web-1')) });
  assert.deepEqual(workload, { kind: 'StatefulSet', name: 'web', uid: 'set-1', member: 'web-1' });
});

test('kubeOvnWishes() lets everybody keep what the Subnet has, and ask for what it excludes', async () => {
  const { alternatives } = await wishesOf({ subnets: [DUAL] });
  const [pool] = alternatives[0]?.[0]?.pools ?? [];
  for (const set of [pool?.kept, pool?.fixable])
    assert.equal(usableOf({ family: 4, usable: set ?? [] }), '172.17.0.2-172.17.0.254');
});
