import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { IPAM_CLAIMS, KUBE_OVN_SUBNETS, type Pod, SPIDER_IP_POOLS } from '#api';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { capture } from '../../src/probe/testing-capture.ts';
import { eventually } from '../agent/test-node.ts';
import { ownerOf, poolOf } from '../claims/cluster.ts';
import type { AttachNode } from './node.ts';
import { type Scene, setEachScene } from './scene.ts';
import { ip, type World } from './world.ts';

/** Neighbours that have addresses which are not theirs, that answer for gateways, and that listen. */
const { skip } = skipUnlessRing2();

let scene: Scene;
let world: World;
let node: AttachNode;
let events: string[];
let findings: string[];

setEachScene(skip, async next => {
  scene = next;
  ({ world } = scene);
  events = [];
  findings = [];
  node = await start();
  world.makeNetns('neighbour');
  ip('link set up1 netns ul-test-neighbour');
  ip('-n ul-test-neighbour link set up1 up');
});

function start(options: Parameters<Scene['startNode']>[0] = {}): Promise<AttachNode> {
  return scene.startNode({
    events: {
      record: (_pod, _type, reason, message) => void events.push(`${reason}: ${message}`),
      flush: async () => undefined,
      dropped: 0,
    },
    onNeighbour: finding => void findings.push(finding),
    ...options,
  });
}

/** The neighbour takes an address. */
function settle(address: string): void {
  ip(`-n ul-test-neighbour addr add ${address} dev up1${address.includes(':') ? ' nodad' : ''}`);
}

function neighbourMac(): string {
  const [link] = JSON.parse(ip('-n ul-test-neighbour -j link show up1')) as { readonly address: string }[];
  return link?.address ?? '';
}

/** A network of its own on the uplink. */
function createNad(name: string, ipam: Readonly<Record<string, unknown>>, detect?: string): Promise<void> {
  const macvlan = { type: 'macvlan', master: 'up0', ipam: { type: 'whereabouts', ...ipam } };
  const annotations = detect === undefined ? {} : { 'underlane.io/detect': detect };
  return world.createNad(name, { cniVersion: '1.0.0', name, plugins: [macvlan, { type: 'cable' }] }, annotations);
}

async function add(pod: Pod, on = node, containerId = pod.metadata.name): Promise<void> {
  const { name, uid } = pod.metadata;
  const path = `/run/netns/ul-test-${containerId}`;
  const netns = existsSync(path) ? path : world.makeNetns(containerId);
  await on.call('ADD', { containerId, netns, pod: { name, ...(uid === undefined ? {} : { uid }) } });
}

function addressesOf(pod: string, dev: string): readonly string[] {
  const [link] = JSON.parse(ip(`-n ul-test-${pod} -j addr show dev ${dev}`)) as {
    readonly addr_info: readonly { readonly local: string; readonly scope: string }[];
  }[];
  return (link?.addr_info ?? []).flatMap(({ local, scope }) => (scope === 'link' ? [] : [local]));
}

/** Addresses in quarantine, with who has them. */
async function quarantined(): Promise<readonly string[]> {
  const claims = await world.cluster.claims();
  return claims
    .filter(({ spec }) => spec.policy === 'Quarantine')
    .map(({ spec }) => `${spec.address} ${spec.quarantine?.mac}`)
    .sort();
}

const RANGE = '10.9.0.1-10.9.0.4/24';
const OTHERS = ['10.9.0.1/24', '10.9.0.2/24', '10.9.0.4/24'];

test('an address that a neighbour has is kept from everybody, and the pod gets another', { skip }, async () => {
  await createNad('probed', { range: RANGE }, 'conflict');
  for (const address of OTHERS) settle(address);
  await add(await world.createPod('taken', 'probed'));
  assert.deepEqual(addressesOf('taken', 'net1'), ['10.9.0.3']);
  // The next one finds nothing but those of the neighbour.
  await assert.rejects(add(await world.createPod('taken2', 'probed')), { code: 'POOL_EXHAUSTED' });
  assert.deepEqual(
    await quarantined(),
    OTHERS.map(address => `${address} ${neighbourMac()}`),
  );
  const told = events.filter(event => event.startsWith('AddressConflict'));
  assert.deepEqual(
    told.sort(),
    OTHERS.map(address => {
      const [one] = address.split('/');
      return `AddressConflict: ip conflict: pod's interface net1 with an conflicting ip ${one}, ${one} is located at ${neighbourMac()}; nobody gets it for a while`;
    }),
  );
  assert.deepEqual(
    findings,
    OTHERS.map(() => 'conflict'),
  );
  await node.call('DEL', { containerId: 'taken', pod: { name: 'taken' } });
  await world.deletePod('taken');
  await eventually('only what is in quarantine is left', async () => {
    const { claims, journal, plugged } = await world.leftOvers();
    return claims.length === OTHERS.length && journal.length + plugged.length === 0;
  });
});

test('the interfaces of a pod are probed together, IPv4 and IPv6', { skip }, async () => {
  await createNad('four', { range: '10.9.0.1-10.9.0.2/24' }, 'conflict');
  await createNad('six', { range: 'fd00:9::1-fd00:9::2/64' }, 'conflict');
  settle('10.9.0.1/24');
  settle('fd00:9::2/64');
  await add(await world.createPod('pair', 'four,six'));
  assert.deepEqual(addressesOf('pair', 'net1'), ['10.9.0.2']);
  assert.deepEqual(addressesOf('pair', 'net2'), ['fd00:9::1']);
});

test('an address that the pod asks for is not given up, and nothing is left of the ADD', { skip }, async () => {
  await createNad('probed', { range: RANGE }, 'conflict');
  settle('10.9.0.2/24');
  const before = await world.leftOvers();
  const pod = await world.createPod('asked', JSON.stringify([{ name: 'probed', ips: ['10.9.0.2'] }]));
  world.makeNetns('asked');
  const text = `Cannot attach network "default/probed": ip conflict: pod's interface net1 with an conflicting ip 10.9.0.2, 10.9.0.2 is located at ${neighbourMac()}`;
  await assert.rejects(add(pod), { code: 'ADDRESS_CONFLICT', message: text });
  const { pods, ...after } = await world.leftOvers();
  assert.deepEqual(pods.at(-1), ['lo']);
  assert.deepEqual({ ...after, pods: before.pods }, before);
  assert.deepEqual(events, [`FailedAttach: ${text}`, `AddressConflict: ${text}`]);
  ip('-n ul-test-neighbour addr flush dev up1');
  await add(pod);
  assert.deepEqual(addressesOf('asked', 'net1'), ['10.9.0.2']);
});

test('an address that is kept for the pod stays kept, and is the next one to be asked about', { skip }, async () => {
  await createNad('probed', { range: RANGE }, 'conflict');
  const claim = { namespace: 'default', name: 'kept' };
  await world.cluster.client.create(IPAM_CLAIMS, { metadata: claim, spec: { network: 'probed', interface: 'net1' } });
  const networks = JSON.stringify([{ name: 'probed', 'ipam-claim-reference': 'kept' }]);
  await add(await world.createPod('kept1', networks));
  const [address = ''] = addressesOf('kept1', 'net1');
  await node.call('DEL', { containerId: 'kept1', pod: { name: 'kept1' } });
  await world.deletePod('kept1');
  settle(`${address}/24`);
  const next = await world.createPod('kept2', networks);
  await assert.rejects(add(next), { code: 'ADDRESS_CONFLICT' });
  const { status } = await world.cluster.client.get(IPAM_CLAIMS, claim);
  assert.deepEqual(status?.ips, [`${address}/24`]);
  assert.deepEqual(await quarantined(), []);
  ip('-n ul-test-neighbour addr flush dev up1');
  await add(next);
  assert.deepEqual(addressesOf('kept2', 'net1'), [address]);
});

test('a pool of the cluster says by itself that its addresses are asked about', { skip }, async () => {
  await createNad('pooled', { type: 'spiderpool', default_ipv4_ippool: ['vlan30'] });
  await world.cluster.client.create(SPIDER_IP_POOLS, {
    metadata: { name: 'vlan30', annotations: { 'underlane.io/detect': 'conflict,gateway' } },
    spec: { subnet: '10.9.0.0/24', ips: ['10.9.0.1-10.9.0.2'], gateway: '10.9.0.254' },
  });
  settle('10.9.0.1/24');
  settle('10.9.0.254/24');
  await add(await world.createPod('pooled', 'pooled'));
  assert.deepEqual(addressesOf('pooled', 'net1'), ['10.9.0.2']);
  await assert.rejects(add(await world.createPod('pooled2', 'pooled')), { code: 'POOL_EXHAUSTED' });
  assert.deepEqual(await quarantined(), [`10.9.0.1/24 ${neighbourMac()}`]);
});

test('an address of a Subnet that a pod was given before it started is given up, and one that it asks for is not', {
  skip,
}, async () => {
  await createNad('subnet', { type: 'kube-ovn' });
  await world.cluster.client.create(KUBE_OVN_SUBNETS, {
    metadata: { name: 'subnet', annotations: { 'underlane.io/detect': 'conflict' } },
    spec: { provider: 'subnet.default', cidrBlock: '10.9.0.0/29', excludeIps: ['10.9.0.4..10.9.0.6'] },
  });
  settle('10.9.0.2/24');
  const told = {
    'subnet.default.kubernetes.io/ip_address': '10.9.0.2',
    'subnet.default.kubernetes.io/allocated': 'true',
  };
  await assert.rejects(add(await world.createPod('wanted', 'subnet', told)), { code: 'ADDRESS_CONFLICT' });
  assert.deepEqual(await quarantined(), []);
  // As the controller writes it when it has taken any address for the pod.
  const given = await world.createPod('given', 'subnet', {
    ...told,
    'underlane.io/kube-ovn-results': 'subnet.default',
  });
  const controller = await world.cluster.join('n1');
  await controller.store.take({
    pool: { ...poolOf('10.9.0.2-10.9.0.3/29'), ref: { dialect: 'kube-ovn', kind: 'Subnet', name: 'subnet' } },
    owner: { ...ownerOf('given', given.metadata.uid), network: 'default/subnet' },
    address: '10.9.0.2',
  });
  await add(given);
  assert.deepEqual(addressesOf('given', 'net1'), ['10.9.0.3']);
  assert.deepEqual(await quarantined(), [`10.9.0.2/29 ${neighbourMac()}`]);
});

test('a DEL that overtakes a question ends it, and leaves nothing', { skip }, async () => {
  await createNad('probed', { range: RANGE, gateway: '10.9.0.254' }, 'gateway');
  const adding = add(await world.createPod('gone', 'probed'));
  const refused = assert.rejects(adding, { code: 'CANCELLED' });
  await eventually('the links are there', async () => {
    const links = JSON.parse(ip('-n ul-test-gone -j link')) as { readonly ifname: string }[];
    return links.some(({ ifname }) => ifname === 'net1');
  });
  await node.call('DEL', { containerId: 'gone', pod: { name: 'gone' } });
  await refused;
  const { claims, journal, plugged, pods } = await world.leftOvers();
  assert.deepEqual([claims, journal, plugged, pods.at(-1)], [[], [], [], ['lo']]);
});

test('a gateway that is silent fails the ADD, one that answers does not', { skip }, async () => {
  await createNad('probed', { range: RANGE, gateway: '10.9.0.254' }, 'gateway');
  await createNad('six', { range: 'fd00:9::1-fd00:9::9/64', gateway: 'fd00:9::fe' }, 'conflict,gateway');
  const pod = await world.createPod('gate', 'probed,six');
  await assert.rejects(add(pod), {
    code: 'GATEWAY_UNREACHABLE',
    message: /gateway (10\.9\.0\.254|fd00:9::fe) is unreachable by pod's interface net[12]$/,
  });
  assert.deepEqual(findings, ['gateway silent']);
  assert.deepEqual(
    events.map(event => event.split(':')[0]),
    ['FailedAttach', 'GatewayUnreachable'],
  );
  const { claims, journal, plugged } = await world.leftOvers();
  assert.deepEqual([claims, journal, plugged], [[], [], []]);
  settle('10.9.0.254/24');
  settle('fd00:9::fe/64');
  await add(pod);
  assert.equal(addressesOf('gate', 'net1').length, 1);
  assert.equal(addressesOf('gate', 'net2').length, 1);
});

test('nobody is asked unless somebody wants it, and a network can be left out', { skip }, async () => {
  await createNad('quiet', { range: '10.9.0.2-10.9.0.2/24' }, 'none');
  settle('10.9.0.2/24');
  const wary = await start({ detect: { conflict: true, gateway: false }, dir: world.dir });
  await add(await world.createPod('quiet', 'quiet'), wary);
  assert.deepEqual(addressesOf('quiet', 'net1'), ['10.9.0.2']);
});

test("the agent's own wish holds where nobody else says: also for an address that is written down", {
  skip,
}, async () => {
  await createNad('written', { type: 'static', addresses: [{ address: '10.9.0.2/24' }] });
  settle('10.9.0.2/24');
  const wary = await start({ detect: { conflict: true, gateway: false } });
  await assert.rejects(add(await world.createPod('written', 'written'), wary), {
    code: 'ADDRESS_CONFLICT',
    message: /conflicting ip 10\.9\.0\.2/,
  });
});

test('the address of the node itself is a conflict, though it never answers its own macvlan', { skip }, async () => {
  await createNad('probed', { range: '172.18.0.2-172.18.0.3/16' }, 'conflict');
  await add(await world.createPod('own', 'probed'));
  assert.deepEqual(addressesOf('own', 'net1'), ['172.18.0.3']);
});

test('another sandbox of the same pod is no conflict', { skip }, async () => {
  await createNad('probed', { range: '10.9.0.1-10.9.0.1/24' }, 'conflict');
  const pod = await world.createPod('twice', 'probed');
  await add(pod, node, 'twice1');
  await add(pod, node, 'twice2');
  assert.deepEqual(addressesOf('twice1', 'net1'), addressesOf('twice2', 'net1'));
});

test('twenty pods at once, each of two interfaces, find no strangers in each other', { skip }, async () => {
  await createNad('four', { range: '10.9.1.1-10.9.1.60/16', gateway: '10.9.0.254' }, 'conflict,gateway');
  await createNad('six', { range: 'fd00:9::1-fd00:9::3c/64', gateway: 'fd00:9::fe' }, 'conflict,gateway');
  settle('10.9.0.254/16');
  settle('fd00:9::fe/64');
  const names = Array.from({ length: 20 }, (_, index) => `crowd${index}`);
  const pods = await Promise.all(names.map(name => world.createPod(name, 'four,six')));
  await Promise.all(pods.map(pod => add(pod)));
  const addresses = names.flatMap(name => [...addressesOf(name, 'net1'), ...addressesOf(name, 'net2')]);
  assert.equal(new Set(addresses).size, 40);
  assert.deepEqual(await quarantined(), []);
});

test("a gateway on the node's own side answers: bridge and point-to-point", { skip }, async () => {
  const wary = await start({ detect: { conflict: true, gateway: true } });
  settle('172.18.0.1/16');
  const ipam = (subnet: string) => ({ type: 'host-local', subnet });
  const bridge = { type: 'bridge', bridge: 'ultest0', isGateway: true, ipam: ipam('10.244.7.0/24') };
  const ptp = { type: 'ptp', ipam: ipam('10.244.8.0/24') };
  await world.createNad('bridged', { cniVersion: '1.0.0', name: 'bridged', plugins: [bridge] });
  await world.createNad('direct', { cniVersion: '1.0.0', name: 'direct', plugins: [ptp] });
  await add(await world.createPod('near', 'bridged,direct'), wary);
  assert.equal(addressesOf('near', 'net1').length, 1);
  assert.equal(addressesOf('near', 'net2').length, 1);
});

test('an IPAM plugin that is called by its own name asks on the link that its caller has made', { skip }, async () => {
  const netns = world.makeNetns('named');
  ip('link add link up0 name mv0 type macvlan mode bridge');
  ip('link set mv0 netns ul-test-named name eth0');
  for (const address of ['10.9.0.1/24', '10.9.0.2/24', '10.9.0.4/24']) settle(address);
  const wary = await start({ detect: { conflict: true, gateway: false } });
  const pod = await world.createPod('named');
  const { name, uid = '' } = pod.metadata;
  const call = {
    plugin: 'whereabouts',
    containerId: 'named',
    netns,
    pod: { name, uid },
    config: { name: 'inner', ipam: { type: 'whereabouts', range: RANGE } },
  };
  const result = JSON.parse(await wary.call('ADD', call));
  assert.equal(result.ips[0].address, '10.9.0.3/24');
  using heard = capture('/run/netns/ul-test-neighbour', 'up1');
  ip('-n ul-test-named addr add 10.9.0.3/24 dev eth0');
  await heard.seen(/who-has 10\.9\.0\.3 tell 10\.9\.0\.3$/, 1);
  await wary.call('DEL', call);
});

test('every address is announced three times behind the reply, to caches that knew another MAC', { skip }, async () => {
  await createNad('both', { ipRanges: [{ range: '10.9.0.3-10.9.0.3/24' }, { range: 'fd00:9::3-fd00:9::3/64' }] });
  settle('10.9.0.254/24');
  settle('fd00:9::fe/64');
  for (const address of ['10.9.0.3', 'fd00:9::3']) {
    ip(`-n ul-test-neighbour neigh add ${address} lladdr 02:00:00:00:00:99 dev up1 nud stale`);
  }
  using heard = capture('/run/netns/ul-test-neighbour', 'up1');
  await add(await world.createPod('told', 'both'));
  const [link] = JSON.parse(ip('-n ul-test-told -j link show net1')) as { readonly address: string }[];
  // The kernel announces as well, once, where the link comes up behind its address.
  const arp = await heard.seen(/who-has 10\.9\.0\.3 tell 10\.9\.0\.3$/, 3);
  const ndp = await heard.seen(/fd00:9::3 > ff02::1 advertisement of fd00:9::3, override$/, 3);
  for (const line of [...arp, ...ndp]) assert.ok(line.startsWith(link?.address ?? '?'), line);
  for (const address of ['10.9.0.3', 'fd00:9::3']) {
    assert.match(ip(`-n ul-test-neighbour neigh show ${address} dev up1`), new RegExp(`lladdr ${link?.address}`));
  }
});
