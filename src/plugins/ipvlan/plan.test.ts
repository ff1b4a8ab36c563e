import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CniResult } from '#cni';
import type { Facts } from '#facts';
import type { LinkItem } from '#wiring';
import type { AttachmentSpec, IpamResult, Plan } from '../plugin.ts';
import { assertGolden, attachment, facts, host, ipam, pod } from '../testing.ts';
import { ipvlan } from './mod.ts';

interface Given {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly attachment?: Partial<AttachmentSpec>;
  readonly ipam?: IpamResult | undefined;
  readonly prevResult?: CniResult;
  readonly facts?: Facts;
}

function plan(given: Given = {}): Plan {
  const addresses = 'ipam' in given ? given.ipam : ipam;
  return ipvlan.plan({
    config: ipvlan.parse({ type: 'ipvlan', ...given.config }),
    attachment: { ...attachment, ...given.attachment },
    ...(addresses === undefined ? {} : { ipam: addresses }),
    ...(given.prevResult === undefined ? {} : { prevResult: given.prevResult }),
    facts: given.facts ?? facts,
  });
}

function linkOf(given: Given = {}): LinkItem {
  const [link] = plan(given).wiring;
  assert.ok(link?.kind === 'link');
  return link;
}

const prevResult: CniResult = {
  interfaces: [{ name: 'eth0' }],
  ips: [{ address: '172.18.0.20/16', gateway: '172.18.0.1', interface: 0 }],
  routes: [{ dst: '0.0.0.0/0' }],
  dns: {},
};

describe('ipvlan.plan() gives', () => {
  it('the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/ipvlan.golden.json', import.meta.url), plan());
  });
  for (const mode of ['l2', 'l3', 'l3s'] as const) {
    it(`mode ${mode}`, () => {
      const expected = { type: 'ipvlan', master: 'eth0', masterPlace: 'host', mode };
      assert.deepEqual(linkOf({ config: { mode } }).link, expected);
    });
  }
  it("no MAC to the link, and the master's in the result", () => {
    const mac = host.links[1]?.mac;
    assert.equal(linkOf().mac, undefined);
    assert.equal(plan().result.interfaces[0]?.mac, mac);
    assert.equal(plan({ attachment: { mac: (mac ?? '').toUpperCase() } }).result.interfaces[0]?.mac, mac);
  });
  it('a master in the pod where the config says so', () => {
    const inPod = { ifindex: 7, name: 'eth0', mtu: 1400, isUp: true, isLoopback: false };
    const given: Given = {
      config: { master: 'eth0', linkInContainer: true },
      attachment: { ifname: 'net1' },
      facts: { host, pod: { ...pod, links: [...pod.links, inPod] } },
    };
    assert.deepEqual(linkOf(given).link, { type: 'ipvlan', master: 'eth0', masterPlace: 'pod', mode: 'l2' });
    assert.equal(linkOf(given).mtu, 1400);
  });
  it("the only interface of prevResult as master, and prevResult's addresses, in a chain", () => {
    const made = plan({ ipam: undefined, prevResult });
    const [link] = made.wiring;
    assert.ok(link?.kind === 'link' && link.link.type === 'ipvlan');
    assert.equal(link.link.master, 'eth0');
    assert.deepEqual(made.result.ips, prevResult.ips);
    assert.deepEqual(
      made.result.interfaces.map(each => each.name),
      ['eth0'],
    );
  });
});

describe('ipvlan.plan() refuses', () => {
  it('a chain that leaves the master open', () => {
    const interfaces = [{ name: 'a' }, { name: 'b' }];
    assert.throws(() => plan({ prevResult: { ...prevResult, interfaces } }), {
      code: 'MASTER_MISSING',
      message: /prevResult has 2 interfaces, expected a master, or exactly one interface in prevResult$/,
    });
  });
  it('to go without addresses', () => {
    assert.throws(() => plan({ ipam: undefined }), {
      code: 'NO_ADDRESS',
      message: 'Cannot plan ipvlan "eth0": ipam is not set, expected one that gives an address',
    });
  });
  it("another MAC than the master's", () => {
    assert.throws(() => plan({ attachment: { mac: '0a:00:00:00:00:01' } }), {
      code: 'MAC_INVALID',
      message: /expected none, since an ipvlan has the MAC of its master "eth0"$/,
    });
  });
  it("more than the master's MTU, and a mode that there is not", () => {
    assert.throws(() => plan({ config: { mtu: 9000 } }), { code: 'MTU_TOO_LARGE' });
    assert.throws(() => plan({ config: { mode: 'l4' } }), {
      code: 'CONFIG_INVALID',
      message: 'Cannot use plugin "ipvlan": mode is "l4", expected one of "l2", "l3", "l3s"',
    });
  });
});
