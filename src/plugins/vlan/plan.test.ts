import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Facts } from '#facts';
import type { LinkItem } from '#wiring';
import type { AttachmentSpec, Plan } from '../plugin.ts';
import { assertGolden, attachment, facts, host, ipam, pod } from '../testing.ts';
import { vlan } from './mod.ts';

interface Given {
  readonly config?: Readonly<Record<string, unknown>>;
  readonly attachment?: Partial<AttachmentSpec>;
  readonly facts?: Facts;
}

const addresses = { ...ipam, ips: [{ address: '172.100.0.10/16', gateway: '172.100.0.1' }] };

function plan(given: Given = {}): Plan {
  return vlan.plan({
    config: vlan.parse({ type: 'vlan', master: 'eth0', vlanId: 100, ...given.config }),
    attachment: { ...attachment, ...given.attachment },
    ipam: addresses,
    facts: given.facts ?? facts,
  });
}

function linkOf(given: Given = {}): LinkItem {
  const [link] = plan(given).wiring;
  assert.ok(link?.kind === 'link');
  return link;
}

describe('vlan.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    assertGolden(new URL('testdata/vlan.golden.json', import.meta.url), plan());
  });
  it("takes the master's MAC, or the one that the pod asks for", () => {
    assert.equal(linkOf().mac, undefined);
    assert.equal(plan().result.interfaces[0]?.mac, host.links[1]?.mac);
    const asked = { attachment: { mac: '0A-00-00-00-00-01' } };
    assert.equal(linkOf(asked).mac, '0a:00:00:00:00:01');
    assert.equal(plan(asked).result.interfaces[0]?.mac, '0a:00:00:00:00:01');
  });
  it('takes every number up to 4094', () => {
    for (const vlanId of [0, 1, 4094]) {
      assert.deepEqual(linkOf({ config: { vlanId } }).link, {
        type: 'vlan',
        master: 'eth0',
        masterPlace: 'host',
        id: vlanId,
      });
    }
    for (const vlanId of [-1, 4095, 1.5, '7']) {
      assert.throws(() => plan({ config: { vlanId } }), { message: /expected a whole number from 0 to 4094$/ });
    }
  });
  it('needs a master, which must be there', () => {
    assert.throws(() => vlan.parse({ type: 'vlan', vlanId: 5 }), {
      message: 'Cannot use plugin "vlan": master is missing, expected the name of a network device',
    });
    assert.throws(() => plan({ config: { master: 'eth9' } }), { code: 'MASTER_MISSING' });
    assert.throws(() => plan({ config: { mtu: 1501 } }), { code: 'MTU_TOO_LARGE' });
  });
  it('says who has the VLAN of the master already', () => {
    const taken = { ifindex: 9, name: 'eth0.100', kind: 'vlan', linkIfindex: 2, vlanId: 100 } as const;
    const links = [...host.links, { ...taken, mtu: 1500, isUp: true, isLoopback: false }];
    assert.throws(() => plan({ facts: { host: { ...host, links }, pod } }), {
      code: 'INTERFACE_TAKEN',
      message: /vlanId is 100, and "eth0.100" is that VLAN of master "eth0" already/,
    });
    plan({ config: { vlanId: 101 }, facts: { host: { ...host, links }, pod } });
  });
  it('needs ipam', () => {
    const config = vlan.parse({ type: 'vlan', master: 'eth0' });
    assert.throws(() => vlan.plan({ config, attachment, facts }), { code: 'NO_ADDRESS' });
  });
});
