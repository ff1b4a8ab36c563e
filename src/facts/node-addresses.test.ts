import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AddressFact } from '#netlink';
import { nodeAddresses } from './node-addresses.ts';
import { facts } from './testing.ts';

function address(dev: string, text: string): AddressFact {
  return { dev, address: text, scope: 'universe' };
}

test('nodeAddresses() leaves out the plumbing of other software, and keeps tunnels, bonds and VLANs', () => {
  const plumbing = [
    'docker0',
    'cbr0',
    'dummy1',
    'virbr0',
    'lxcbr0',
    'veth1a2b',
    'lo',
    'cali12',
    'flannel.1',
    'kube-ipvs0',
    'cni0',
    'vx-submariner',
    'cilium_host',
    'my-docker',
  ];
  const kept = ['eth0', 'bond0', 'bond0.100', 'tunl0', 'vxlan.calico', 'br-lan', 'xcali0', 'lo1'];
  const addresses = [...plumbing, ...kept].map((dev, index) => address(dev, `10.0.${index}.1/24`));
  const expected = kept.map((_, index) => `10.0.${plumbing.length + index}.1`);
  assert.deepEqual(nodeAddresses(facts({ addresses }), 4), expected);
});

test('nodeAddresses() leaves out link-local, loopback and multicast addresses, and the other family', () => {
  const texts = [
    '172.18.0.2/16',
    '169.254.20.10/32',
    '127.0.0.1/8',
    '224.0.0.5/32',
    'fe80::1/64',
    '::1/128',
    'fd00::2/64',
    '2001:db8::2/64',
  ];
  const addresses = texts.map(text => address('eth0', text));
  assert.deepEqual(nodeAddresses(facts({ addresses }), 4), ['172.18.0.2']);
  assert.deepEqual(nodeAddresses(facts({ addresses }), 6), ['fd00::2', '2001:db8::2']);
});

test('nodeAddresses() tells an address once, though several links have it', () => {
  const addresses = [address('eth0', '10.0.0.1/24'), address('eth1', '10.0.0.1/32'), address('eth1', '10.0.0.2/32')];
  assert.deepEqual(nodeAddresses(facts({ addresses }), 4), ['10.0.0.1', '10.0.0.2']);
});
