import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CniResult, emptyResult, parseResult } from '#cni';
import { formatNetworkStatus } from './format-network-status.ts';
import { type NetworkStatusInput, networkStatusEntries } from './network-status.ts';

/** Results as plugins print them, and the text that Multus makes of each; where ours differs on purpose, it is said. */
const sandbox = '/run/netns/pod';
const mac = '02:00:00:00:00:01';
const eth0 = { name: 'eth0', mac, sandbox };

interface Vector {
  readonly what: string;
  /** What the plugin printed; in CNI 1.1.0 unless it says otherwise. */
  readonly printed: object;
  readonly text: string;
  readonly more?: Partial<NetworkStatusInput>;
}

const VECTORS: readonly Vector[] = [
  {
    what: 'one interface in the pod: every address, whatever its index',
    printed: {
      interfaces: [{ ...eth0, mtu: 9000 }],
      ips: [{ address: '10.0.0.5/24', interface: 3 }, { address: 'fd00::5/64' }],
    },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "ips": [
        "10.0.0.5",
        "fd00::5"
    ],
    "mac": "02:00:00:00:00:01",
    "mtu": 9000,
    "default": true,
    "dns": {}
}]`,
  },
  {
    what: 'one interface, on the host: no name, MAC or MTU',
    printed: { interfaces: [{ name: 'veth1', mac, mtu: 1500 }], ips: [{ address: '10.0.0.5/24', interface: 0 }] },
    text: `[{
    "name": "shop/lan",
    "ips": [
        "10.0.0.5"
    ],
    "default": true,
    "dns": {}
}]`,
  },
  {
    what: 'several interfaces in the pod: an entry each, gateways and dns in all, addresses without index in the last',
    printed: {
      interfaces: [{ name: 'br0', mac }, eth0, { name: 'eth1', mac: '02:00:00:00:00:02', sandbox }],
      ips: [
        { address: '10.0.0.5/24', interface: 1 },
        { address: '10.1.0.5/24', gateway: '10.1.0.1', interface: 2 },
        { address: 'fd00::5/64' },
        { address: '10.2.0.5/24', interface: 0 },
      ],
      routes: [{ dst: '0.0.0.0/0', gw: '10.1.0.1' }],
      dns: { nameservers: ['10.0.0.53'] },
    },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "ips": [
        "10.0.0.5"
    ],
    "mac": "02:00:00:00:00:01",
    "dns": {
        "nameservers": [
            "10.0.0.53"
        ]
    },
    "gateway": [
        "10.1.0.1"
    ]
},{
    "name": "shop/lan",
    "interface": "eth1",
    "ips": [
        "10.1.0.5",
        "fd00::5"
    ],
    "mac": "02:00:00:00:00:02",
    "default": true,
    "dns": {
        "nameservers": [
            "10.0.0.53"
        ]
    },
    "gateway": [
        "10.1.0.1"
    ]
}]`,
  },
  {
    what: 'several interfaces and no gateway: the first in the pod is the default one',
    printed: { interfaces: [{ name: 'veth1' }, eth0, { name: 'eth1', sandbox }] },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "mac": "02:00:00:00:00:01",
    "default": true,
    "dns": {}
},{
    "name": "shop/lan",
    "interface": "eth1",
    "dns": {}
}]`,
  },
  {
    what: 'a network that is not the default one: no "default", also not as false',
    printed: { interfaces: [eth0], ips: [{ address: '10.0.0.5/24', gateway: '10.0.0.1', interface: 0 }] },
    more: { isDefault: false },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "ips": [
        "10.0.0.5"
    ],
    "mac": "02:00:00:00:00:01",
    "dns": {}
}]`,
  },
  {
    what: 'all of dns, in its order; an MTU of 0 is none',
    printed: {
      interfaces: [{ ...eth0, mtu: 0 }],
      dns: { options: ['ndots:5'], search: ['a.b', 'b'], domain: 'b', nameservers: ['10.0.0.53', 'fd00::53'] },
    },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "mac": "02:00:00:00:00:01",
    "default": true,
    "dns": {
        "nameservers": [
            "10.0.0.53",
            "fd00::53"
        ],
        "domain": "b",
        "search": [
            "a.b",
            "b"
        ],
        "options": [
            "ndots:5"
        ]
    }
}]`,
  },
  {
    what: 'gateways of both families, each once; other routes tell of none',
    printed: {
      interfaces: [eth0],
      routes: [
        { dst: '0.0.0.0/0', gw: '10.0.0.1' },
        { dst: '::/0', gw: 'fd00::1' },
        { dst: '0.0.0.0/0', gw: '10.0.0.1' },
        { dst: '10.9.0.0/16', gw: '10.0.0.9' },
      ],
    },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "mac": "02:00:00:00:00:01",
    "default": true,
    "dns": {},
    "gateway": [
        "10.0.0.1",
        "fd00::1"
    ]
}]`,
  },
  {
    what: 'what is known of the device, between dns and gateway',
    printed: { interfaces: [eth0], routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }] },
    more: { deviceInfo: { type: 'pci', version: '1.1.0', pci: { 'pci-address': '0000:03:02.1' } } },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "mac": "02:00:00:00:00:01",
    "default": true,
    "dns": {},
    "device-info": {
        "type": "pci",
        "version": "1.1.0",
        "pci": {
            "pci-address": "0000:03:02.1"
        }
    },
    "gateway": [
        "10.0.0.1"
    ]
}]`,
  },
  {
    what: 'a name with characters that Go escapes',
    printed: { interfaces: [eth0] },
    more: { name: 'a<b>&\u2028c' },
    text: `[{
    "name": "a\\u003cb\\u003e\\u0026\\u2028c",
    "interface": "eth0",
    "mac": "02:00:00:00:00:01",
    "default": true,
    "dns": {}
}]`,
  },
];

/** Where Multus writes nothing, or something that nobody can read. */
const BETTER: readonly Vector[] = [
  {
    what: 'a result of 0.2.0, which tells of no interfaces: one entry, under the name that was asked for',
    printed: { cniVersion: '0.2.0', ip4: { ip: '10.0.0.5/24', routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }] } },
    more: { ifname: 'net1', isDefault: false },
    text: `[{
    "name": "shop/lan",
    "interface": "net1",
    "ips": [
        "10.0.0.5"
    ],
    "dns": {},
    "gateway": [
        "10.0.0.1"
    ]
}]`,
  },
  {
    what: 'an empty result: a minimal entry',
    printed: {},
    more: { isDefault: false },
    text: `[{
    "name": "shop/lan",
    "dns": {}
}]`,
  },
  {
    what: 'several interfaces, none in the pod: one entry',
    printed: { interfaces: [{ name: 'a' }, { name: 'b' }], ips: [{ address: '10.0.0.5/24', interface: 1 }] },
    text: `[{
    "name": "shop/lan",
    "ips": [
        "10.0.0.5"
    ],
    "default": true,
    "dns": {}
}]`,
  },
  {
    what: 'a default route without gateway: not the text <nil>',
    printed: { interfaces: [eth0], routes: [{ dst: '0.0.0.0/0' }] },
    text: `[{
    "name": "shop/lan",
    "interface": "eth0",
    "mac": "02:00:00:00:00:01",
    "default": true,
    "dns": {}
}]`,
  },
];

function textOf({ printed, more }: Vector): string {
  const result: CniResult = parseResult(JSON.stringify(printed), '1.1.0');
  return formatNetworkStatus(networkStatusEntries({ name: 'shop/lan', result, isDefault: true, ...more }));
}

describe('network-status as Multus writes it', () => {
  for (const vector of VECTORS) it(vector.what, () => assert.equal(textOf(vector), vector.text));
});

describe('network-status where Multus writes none', () => {
  for (const vector of BETTER) it(vector.what, () => assert.equal(textOf(vector), vector.text));
  it('several networks: objects joined by a bare comma', () => {
    const [first, second] = ['a', 'b'].flatMap(name =>
      networkStatusEntries({ name, result: emptyResult, isDefault: false }),
    );
    assert.ok(first && second);
    assert.equal(
      formatNetworkStatus([first, second]),
      '[{\n    "name": "a",\n    "dns": {}\n},{\n    "name": "b",\n    "dns": {}\n}]',
    );
  });
});
