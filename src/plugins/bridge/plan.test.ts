import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '#facts';
import { formatItem, overlayWiring } from '#wiring';
import type { AttachmentSpec, IpamResult, Plan } from '../plugin.ts';
import { assertGolden, attachment, facts, host, pod } from '../testing.ts';
import { bridge } from './mod.ts';

const ipam: IpamResult = { ips: [{ address: '10.244.1.5/24' }], routes: [], dns: {} };

interface Given {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly attachment?: AttachmentSpec;
  readonly ipam?: IpamResult;
  readonly facts?: Facts;
}

function plan(given: Given = {}): Plan {
  return bridge.plan({
    config: bridge.parse({ type: 'bridge', isDefaultGateway: true, ...given.config }),
    attachment: given.attachment ?? attachment,
    ipam: given.ipam ?? ipam,
    facts: given.facts ?? facts,
  });
}

const sharedOf = (made: Plan) => made.wiring.flatMap(item => (item.shared === undefined ? [] : [item.shared]));

describe('bridge.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/bridge.golden.json', import.meta.url), plan());
  });
  it('shares the bridge, its address and forwarding, and owns the port', () => {
    const expected = ['bridge:cni0', 'bridge:cni0:10.244.1.1/24', 'sysctl:net/ipv4/ip_forward'];
    assert.deepEqual(sharedOf(plan()), expected);
    const second = { ...attachment, containerId: 'fedcba9876543210' };
    const made = overlayWiring(facts, plan().wiring);
    const again = plan({
      attachment: second,
      facts: { host: made.host, pod },
      ipam: { ...ipam, ips: [{ address: '10.244.1.6/24' }] },
    });
    assert.deepEqual(sharedOf(again), expected);
    assert.deepEqual(again.result.interfaces[0], plan().result.interfaces[0]);
  });
  it('plans one and the same bridge for two attachments that find none', () => {
    const other = { ...attachment, containerId: 'fedcba9876543210', nonce: 'other' };
    assert.deepEqual(plan({ attachment: other }).wiring[0], plan().wiring[0]);
  });
  it('leaves MAC and MTU of a bridge that is there as they are', () => {
    const made = overlayWiring(facts, plan().wiring);
    const again = plan({ config: { mtu: 1400 }, facts: { host: made.host, pod } });
    const [item] = again.wiring;
    assert.ok(item?.kind === 'link');
    assert.deepEqual([item.mac, item.mtu], [undefined, undefined]);
    assert.deepEqual(
      again.result.interfaces.map(link => link.mtu),
      [1500, 1400, 1400],
    );
  });
  it('puts the MTU on a new bridge and on both ends', () => {
    const links = plan({ config: { mtu: 1400 } }).wiring.filter(item => item.kind === 'link');
    const mtus = links.flatMap(item => [item.mtu, ...(item.link.type === 'veth' ? [item.link.peer.mtu] : [])]);
    assert.deepEqual(mtus, [1400, 1400, 1400]);
  });
  it('holds no address and forwards nothing where it is no gateway', () => {
    const made = plan({ config: { isDefaultGateway: false } });
    assert.deepEqual(sharedOf(made), ['bridge:cni0']);
    assert.deepEqual(made.result.ips, [{ address: '10.244.1.5/24', interface: 2 }]);
  });
  it('masquerades, and checks MACs before the port is there', () => {
    const made = plan({ config: { ipMasq: true, macspoofchk: true } });
    const own = made.wiring.filter(({ kind }) => kind === 'nft-rule').map(formatItem);
    const [, port, end] = made.result.interfaces;
    assert.deepEqual(own, [
      `nft 'add rule bridge underlane mac-spoof iifname "${port?.name}" ether saddr != ${end?.mac} drop comment "${port?.name}, eth0 of ${attachment.containerId}"'`,
      `nft 'add rule inet underlane pod-masquerade ip saddr 10.244.1.5 ip daddr != 10.244.1.0/24 ip daddr != 224.0.0.0/4 masquerade comment "10.244.1.5, eth0 of ${attachment.containerId}"'`,
    ]);
    const at = (kind: string, name?: string) =>
      made.wiring.findIndex(item => item.kind === kind && (item.kind !== 'link' || item.name === name));
    assert.ok(at('nft-rule') < at('link', port?.name));
    assert.deepEqual(
      sharedOf(made).filter(key => key.startsWith('nft:')),
      [
        'nft:bridge/underlane',
        'nft:bridge/underlane/mac-spoof',
        'nft:inet/underlane',
        'nft:inet/underlane/pod-masquerade',
      ],
    );
  });
  it('keeps the comment of a rule within what nftables takes, however long the ID', () => {
    const long = { ...attachment, containerId: 'x'.repeat(300) };
    for (const item of plan({ config: { ipMasq: true }, attachment: long }).wiring) {
      if (item.kind === 'nft-rule') assert.equal(item.comment.length, 127);
    }
  });
  it('adds a default route only where ipam has none', () => {
    const given = { ...ipam, routes: [{ dst: '0.0.0.0/0', gw: '10.244.1.254' }] };
    assert.deepEqual(plan({ ipam: given }).result.routes, given.routes);
    assert.deepEqual(plan({ config: { isDefaultGateway: false, isGateway: true } }).result.routes, []);
  });
  it('is the gateway of both families', () => {
    const made = plan({ ipam: { ...ipam, ips: [...ipam.ips, { address: 'fd00:1::5/64' }] } });
    assert.deepEqual(
      made.result.ips.map(ip => ip.gateway),
      ['10.244.1.1', 'fd00:1::1'],
    );
    assert.deepEqual(sharedOf(made), [
      'bridge:cni0',
      'bridge:cni0:10.244.1.1/24',
      'bridge:cni0:fd00:1::1/64',
      'sysctl:net/ipv4/ip_forward',
      'sysctl:net/ipv6/conf/all/forwarding',
    ]);
    assert.deepEqual(
      made.result.routes.map(route => route.dst),
      ['0.0.0.0/0', '::/0'],
    );
  });
  it('sets what the config says of bridge, port and pod', () => {
    const links = (config: Readonly<Record<string, unknown>>) =>
      plan({ config }).wiring.flatMap(item => (item.kind === 'link' ? [item] : []));
    const [bridged, port] = links({ hairpinMode: true, portIsolation: true });
    assert.deepEqual([bridged?.isPromiscuous, port?.isHairpin, port?.isIsolated], [undefined, true, true]);
    assert.equal(links({ promiscMode: true })[0]?.isPromiscuous, true);
    const config = bridge.parse({ type: 'bridge', disableContainerInterface: true });
    const down = bridge.plan({ config, attachment, facts }).wiring.at(-1);
    assert.ok(down?.kind === 'link' && down.link.type === 'veth');
    assert.deepEqual([down.isUp, down.link.peer.isUp], [true, false]);
  });
  it('switches duplicate detection off for IPv6 unless asked, and hears no advertisements on a bridge of its own', () => {
    const dual = { ...ipam, ips: [...ipam.ips, { address: 'fd00:1::5/64' }] };
    const paths = (given: Given) =>
      plan({ ipam: dual, ...given }).wiring.flatMap(item => (item.kind === 'sysctl' ? [item.path] : []));
    const [acceptRa, acceptDad] = ['net/ipv6/conf/cni0/accept_ra', 'net/ipv6/conf/eth0/accept_dad'];
    assert.deepEqual(
      [acceptRa, acceptDad].map(path => paths({}).includes(path)),
      [true, true],
    );
    assert.ok(!paths({ config: { enabledad: true } }).includes(acceptDad));
    const made = overlayWiring(facts, plan({ ipam: dual }).wiring);
    assert.ok(!paths({ facts: { host: made.host, pod } }).includes(acceptRa));
    assert.ok(!plan().wiring.some(item => item.kind === 'sysctl' && item.path.includes('ipv6')));
  });
  it('puts its gateway in the place of other addresses with forceAddress', () => {
    const made = overlayWiring(facts, plan({ ipam: { ...ipam, ips: [{ address: '10.9.0.5/24' }] } }).wiring);
    const forced = plan({ config: { forceAddress: true }, facts: { host: made.host, pod } });
    const absent = forced.wiring.filter(item => item.kind === 'absent');
    assert.deepEqual(absent, [
      {
        kind: 'absent',
        place: 'host',
        what: { kind: 'address', place: 'host', dev: 'cni0', address: '10.9.0.1/24' },
        isFinal: true,
      },
    ]);
    const after = overlayWiring({ host: made.host, pod }, forced.wiring).host.addresses;
    assert.deepEqual(
      after.filter(fact => fact.dev === 'cni0').map(fact => fact.address),
      ['10.244.1.1/24'],
    );
  });
  it('puts the port in its VLAN, and the gateway on a leg of that VLAN', () => {
    const made = plan({ config: { vlan: 100 } });
    const [br, leg] = made.wiring;
    assert.ok(br?.kind === 'link' && leg?.kind === 'link' && leg.link.type === 'veth');
    assert.deepEqual(br.link, { type: 'bridge', hasVlanFiltering: true });
    const vlans = [{ id: 100, isPvid: true, isUntagged: true }];
    assert.deepEqual([leg.shared, leg.bridge, leg.vlans], ['bridge:cni0.100', 'cni0', vlans]);
    assert.equal(leg.link.peer.name, 'cni0.100');
    const address = made.wiring.find(item => item.kind === 'address' && item.place === 'host');
    assert.ok(address?.kind === 'address');
    assert.deepEqual([address.dev, address.address], ['cni0.100', '10.244.1.1/24']);
    const port = made.wiring.find(item => item.kind === 'link' && item.shared === undefined);
    assert.ok(port?.kind === 'link');
    assert.deepEqual(port.vlans, vlans);
  });
  it('is wiring alone without IPAM', () => {
    const config = bridge.parse({ type: 'bridge', isGateway: true });
    assert.deepEqual(
      bridge.plan({ config, attachment, facts }).wiring.map(item => item.kind),
      ['link', 'link'],
    );
  });
});

describe('bridge.plan() refuses', () => {
  const withBridge = (address: string, kind?: string): Facts => ({
    host: {
      ...host,
      links: [
        ...host.links,
        { ifindex: 9, name: 'cni0', mtu: 1500, isUp: true, isLoopback: false, ...(kind === undefined ? {} : { kind }) },
      ],
      addresses: [...host.addresses, { dev: 'cni0', address, scope: 'universe' }],
    },
    pod,
  });
  it('a bridge with another address', () => {
    assert.throws(() => plan({ facts: withBridge('10.244.2.1/24', 'bridge') }), {
      code: 'BRIDGE_CONFLICT',
      message:
        'Cannot plan bridge "eth0": bridge "cni0" has address 10.244.2.1/24, expected 10.244.1.1/24, the gateway, or none',
    });
  });
  it('a name that belongs to another kind of link', () => {
    assert.throws(() => plan({ facts: withBridge('10.244.1.1/24') }), {
      code: 'BRIDGE_CONFLICT',
      message: /"cni0" on the host is a physical link, expected a bridge, or no such link$/,
    });
  });
  it('VLANs on a bridge that does not tell them apart, and a leg whose name is too long', () => {
    const facts = withBridge('10.244.1.1/24', 'bridge');
    assert.throws(() => plan({ facts, config: { vlan: 7 } }), {
      code: 'BRIDGE_CONFLICT',
      message: /does not tell VLANs apart, expected one with vlan_filtering 1/,
    });
    assert.throws(() => plan({ config: { bridge: 'bridge-of-me', vlan: 4000 } }), { code: 'BRIDGE_CONFLICT' });
  });
  it('an address that leaves no gateway', () => {
    for (const address of ['10.244.1.1/24', '10.244.1.5/32']) {
      assert.throws(() => plan({ ipam: { ...ipam, ips: [{ address }] } }), { code: 'NO_ADDRESS' });
    }
  });
  it('a name that the pod has', () => {
    assert.throws(() => plan({ attachment: { ...attachment, ifname: 'lo' } }), { code: 'INTERFACE_TAKEN' });
  });
});
