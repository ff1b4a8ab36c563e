/** Wirings and facts that the tests of this room share. */
import fc from 'fast-check';
import { emptyNsFacts, type Facts, type LinkFact } from '#facts';
import type { Wiring, WiringItem } from './wiring.ts';

const lo: LinkFact = { ifindex: 1, name: 'lo', mtu: 65536, isUp: false, isLoopback: true };

/** The node's NIC: in the kernel tests one end of a veth pair, there being nothing more physical. */
export const uplink: LinkFact = {
  ifindex: 2,
  name: 'up0',
  mac: '02:00:00:00:00:02',
  mtu: 1500,
  isUp: true,
  isLoopback: false,
};

/** A device of the node that a pod may be given. */
function spare(n: number): LinkFact {
  const common = { mtu: 1500, isUp: n % 2 === 0, isLoopback: false };
  return { ifindex: 30 + n, name: `spare${n}`, kind: 'veth', mac: spareMac(n), ...common };
}

/** A node with 172.18.0.2/16 on `up0`, and an empty pod. */
export const plainFacts: Facts = {
  host: {
    ...emptyNsFacts,
    links: [{ ...lo, isUp: true }, uplink, ...[0, 1, 2, 3].map(spare)],
    addresses: [{ dev: 'up0', address: '172.18.0.2/16', scope: 'universe' }],
    routes: [
      {
        family: 4,
        dst: '172.18.0.0/16',
        dev: 'up0',
        src: '172.18.0.2',
        table: 254,
        scope: 'link',
        protocol: 2,
      },
    ],
  },
  pod: { ...emptyNsFacts, links: [lo] },
};

const POD_MAC = '0a:58:ac:12:00:0a';
const VETH_POD_MAC = '0a:58:00:00:00:01';
const VETH_HOST_MAC = '0a:58:00:00:00:02';
const HOST_VETH = 'vethabcdef01234';

/** A pod whose only NIC is a macvlan, with a veth for the node and the cluster's addresses. */
export const macvlanAndVeth: Wiring = [
  {
    kind: 'link',
    place: 'pod',
    name: 'eth0',
    link: { type: 'macvlan', master: 'up0', masterPlace: 'host', mode: 'bridge' },
    mac: POD_MAC,
    isUp: true,
  },
  { kind: 'address', place: 'pod', dev: 'eth0', address: '172.18.0.10/16' },
  { kind: 'route', place: 'pod', dst: '0.0.0.0/0', via: '172.18.0.1', dev: 'eth0' },
  {
    kind: 'link',
    place: 'pod',
    name: 'veth0',
    link: { type: 'veth', peer: { place: 'host', name: HOST_VETH, mac: VETH_HOST_MAC, mtu: 1500, isUp: true } },
    mac: VETH_POD_MAC,
    mtu: 1500,
    isUp: true,
  },
  { kind: 'sysctl', place: 'host', path: `net/ipv6/conf/${HOST_VETH}/accept_ra`, value: '0' },
  { kind: 'sysctl', place: 'host', path: `net/ipv4/conf/${HOST_VETH}/rp_filter`, value: '2' },
  { kind: 'neighbour', place: 'pod', dev: 'veth0', address: '172.18.0.2', lladdr: VETH_HOST_MAC },
  { kind: 'route', place: 'pod', dst: '172.18.0.2/32', dev: 'veth0' },
  { kind: 'route', place: 'pod', dst: '10.96.0.0/12', via: '172.18.0.2', dev: 'veth0' },
  { kind: 'route', place: 'pod', dst: '10.244.0.0/16', via: '172.18.0.2', dev: 'veth0' },
  { kind: 'neighbour', place: 'host', dev: HOST_VETH, address: '172.18.0.10', lladdr: VETH_POD_MAC },
  { kind: 'route', place: 'host', dst: '172.18.0.10/32', dev: HOST_VETH },
];

/** What one random attachment wants. */
export interface AttachmentShape {
  readonly hasMacvlan: boolean;
  /** The pod's default route: in main with a metric of its own, or in a table of its own with a rule. */
  readonly hasOwnTable: boolean;
  readonly veth: 'none' | 'routed' | 'bridged';
  readonly hasIpv6: boolean;
  /** Takes over a neighbour and a route that somebody else has put on the uplink. */
  readonly replacesForeign: boolean;
  readonly hasSharedRule: boolean;
  readonly hasSharedSysctl: boolean;
  readonly needsLo: boolean;
  readonly mtu: number | undefined;
  /** Takes a device from the node. */
  readonly movesDevice?: boolean;
  /** Takes away what stands there: an address and a route of the node, and the connected route of an address of its own. */
  readonly removes?: boolean;
}

export const attachmentShapes: fc.Arbitrary<AttachmentShape> = fc.record({
  hasMacvlan: fc.boolean(),
  hasOwnTable: fc.boolean(),
  veth: fc.constantFrom('none', 'routed', 'bridged'),
  hasIpv6: fc.boolean(),
  replacesForeign: fc.boolean(),
  hasSharedRule: fc.boolean(),
  hasSharedSysctl: fc.boolean(),
  needsLo: fc.boolean(),
  mtu: fc.constantFrom(undefined, 1400),
  movesDevice: fc.boolean(),
  removes: fc.boolean(),
});

/** The wiring of attachment `n` of one pod; those of different numbers meet in shared items only. */
export function wiringOf(shape: AttachmentShape, n: number): Wiring {
  return [
    ...(shape.needsLo ? sharedLo : []),
    ...(shape.hasSharedSysctl ? sharedSysctl : []),
    ...(shape.hasMacvlan ? macvlanItems(shape, n) : []),
    ...(shape.veth === 'routed' ? routedVethItems(shape, n) : []),
    ...(shape.veth === 'bridged' ? bridgedVethItems(shape, n) : []),
    ...(shape.replacesForeign ? foreignItems(n) : []),
    ...(shape.hasSharedRule ? sharedRule : []),
    ...(shape.movesDevice === true ? movedItems(shape, n) : []),
    ...(shape.removes === true ? absentItems(n) : []),
  ];
}

const sharedLo: Wiring = [
  { kind: 'link', place: 'pod', name: 'lo', link: { type: 'existing' }, isUp: true, shared: 'pod/lo' },
];
const sharedSysctl: Wiring = [
  { kind: 'sysctl', place: 'host', path: 'net/ipv4/conf/up0/rp_filter', value: '2', shared: 'rp_filter/up0' },
];
const sharedRule: Wiring = [
  { kind: 'rule', place: 'host', family: 4, priority: 1000, table: 500, shared: 'rule/1000' },
  { kind: 'rule', place: 'host', family: 6, priority: 1000, table: 500, shared: 'rule6/1000' },
];
const sharedBridge: Wiring = [
  {
    kind: 'link',
    place: 'host',
    name: 'br0',
    link: { type: 'bridge' },
    mac: '0a:58:00:00:00:b0',
    isUp: true,
    shared: 'bridge/br0',
  },
  { kind: 'address', place: 'host', dev: 'br0', address: '10.88.0.1/16', shared: 'address/10.88.0.1' },
];

function macOf(kind: number, n: number): string {
  return `0a:58:00:00:${kind.toString(16).padStart(2, '0')}:${n.toString(16).padStart(2, '0')}`;
}

function mtuField({ mtu }: AttachmentShape): { mtu?: number } {
  return mtu === undefined ? {} : { mtu };
}

function macvlanItems(shape: AttachmentShape, n: number): Wiring {
  const dev = `net${n}`;
  const own = { table: 100 + n };
  const where = shape.hasOwnTable ? own : { metric: 50 + n };
  // Every other one shares its traffic between two gateways.
  const more = (via: string) => (n % 2 === 1 ? { moreVias: [via] } : {});
  const items: WiringItem[] = [
    {
      kind: 'link',
      place: 'pod',
      name: dev,
      link: { type: 'macvlan', master: 'up0', masterPlace: 'host', mode: 'bridge' },
      mac: macOf(1, n),
      ...mtuField(shape),
      isUp: true,
    },
    { kind: 'address', place: 'pod', dev, address: `10.${50 + n}.0.10/24` },
    {
      kind: 'route',
      place: 'pod',
      dst: '0.0.0.0/0',
      via: `10.${50 + n}.0.1`,
      dev,
      ...where,
      ...more(`10.${50 + n}.0.2`),
    },
  ];
  if (shape.hasIpv6) {
    items.push(
      { kind: 'address', place: 'pod', dev, address: `fd00:${50 + n}::10/64` },
      {
        kind: 'route',
        place: 'pod',
        dst: '::/0',
        via: `fd00:${50 + n}::1`,
        dev,
        ...where,
        ...more(`fd00:${50 + n}::2`),
      },
      { kind: 'rule', place: 'pod', family: 6, priority: 32000 - n, to: `fd00:${50 + n}::/64`, ...own },
    );
  }
  if (shape.hasOwnTable) {
    const from = `10.${50 + n}.0.10/32`;
    items.push({ kind: 'rule', place: 'pod', family: 4, priority: 32000 - n, from, ...own });
  }
  return items;
}

function routedVethItems(shape: AttachmentShape, n: number): Wiring {
  const [pod, host] = [`veth${n}`, `hveth${n}`];
  const podIp = `10.${100 + n}.0.10`;
  const table = 200 + n;
  return [
    {
      kind: 'link',
      place: 'pod',
      name: pod,
      link: { type: 'veth', peer: { place: 'host', name: host, mac: macOf(3, n), ...mtuField(shape), isUp: true } },
      mac: macOf(2, n),
      ...mtuField(shape),
      isUp: true,
    },
    { kind: 'sysctl', place: 'host', path: `net/ipv4/conf/${host}/rp_filter`, value: '2' },
    { kind: 'address', place: 'pod', dev: pod, address: `${podIp}/32` },
    { kind: 'neighbour', place: 'pod', dev: pod, address: '172.18.0.2', lladdr: macOf(3, n) },
    { kind: 'route', place: 'pod', dst: '172.18.0.2/32', dev: pod, table },
    { kind: 'route', place: 'pod', dst: '10.96.0.0/12', via: '172.18.0.2', dev: pod, table },
    { kind: 'route', place: 'host', dst: `${podIp}/32`, dev: host, ...(shape.hasSharedRule ? { table: 500 } : {}) },
    { kind: 'neighbour', place: 'host', dev: host, address: podIp, lladdr: macOf(2, n) },
    { kind: 'rule', place: 'host', family: 4, priority: 1024, iif: host, table: 600 + n },
    { kind: 'rule', place: 'host', family: 4, priority: 512, fwmark: 0x2000 + n, fwmask: 0xff00, table: 254 },
  ];
}

function bridgedVethItems(shape: AttachmentShape, n: number): Wiring {
  const peer = { place: 'pod' as const, name: `cbr${n}`, mac: macOf(5, n), ...mtuField(shape), isUp: true };
  return [
    ...sharedBridge,
    {
      kind: 'link',
      place: 'host',
      name: `pbr${n}`,
      link: { type: 'veth', peer },
      mac: macOf(4, n),
      ...mtuField(shape),
      isUp: true,
      bridge: 'br0',
    },
    { kind: 'address', place: 'pod', dev: peer.name, address: `10.88.0.${10 + n}/16` },
  ];
}

function foreignItems(n: number): Wiring {
  const address = `172.18.0.${100 + n}`;
  return [
    { kind: 'neighbour', place: 'host', dev: 'up0', address, lladdr: macOf(6, n) },
    { kind: 'route', place: 'host', dst: `${address}/32`, dev: 'lo', scope: 'link' },
  ];
}

/** MAC of the node's spare device `n`. */
export function spareMac(n: number): string {
  return macOf(7, n);
}

function movedItems(shape: AttachmentShape, n: number): Wiring {
  const dev = `moved${n}`;
  const link = {
    type: 'moved',
    from: `spare${n}`,
    fromPlace: 'host',
    address: spareMac(n),
    deviceKind: 'veth',
  } as const;
  const connected = {
    kind: 'route',
    place: 'pod',
    dst: `10.${150 + n}.0.0/24`,
    dev,
    src: `10.${150 + n}.0.10`,
  } as const;
  const moving = { kind: 'route', place: 'pod', dst: '10.99.0.0/16', via: `10.${150 + n}.0.1`, dev } as const;
  return [
    { kind: 'link', place: 'pod', name: dev, link, ...mtuField(shape), isUp: true },
    { kind: 'address', place: 'pod', dev, address: `10.${150 + n}.0.10/24` },
    // Planned for the main table and moved to another in the same go: never made there.
    moving,
    { ...moving, table: 700 + n, mtu: 1300, advmss: 1200 },
    { kind: 'absent', place: 'pod', what: moving },
    { kind: 'route', place: 'pod', dst: `10.${150 + n}.0.1/32`, dev, src: `10.${150 + n}.0.10` },
    { kind: 'absent', place: 'pod', what: { ...connected, scope: 'link' } },
  ];
}

function absentItems(n: number): Wiring {
  const address = `192.0.2.${100 + n}/32`;
  const route = { kind: 'route', place: 'host', dst: `198.51.100.${n}/32`, dev: 'up0' } as const;
  return [
    { kind: 'absent', place: 'host', what: { kind: 'address', place: 'host', dev: 'up0', address } },
    { kind: 'absent', place: 'host', what: route },
  ];
}
