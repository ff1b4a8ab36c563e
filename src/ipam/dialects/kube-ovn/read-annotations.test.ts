import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnnotations } from './read-annotations.ts';

const POD = { namespace: 'shop', name: 'web' };

test('readAnnotations() has a sentence for each annotation that cannot be read', () => {
  const { pools, problems } = readAnnotations(
    {
      'lan.default.kubernetes.io/ip_address': '10.0.0.500',
      'lan.default.kubernetes.io/ip_address.net2': '10.0.0.5,10.0.0.6',
      'lan.default.kubernetes.io/ip_pool': '10.0.0.5;x',
      'lan.default.kubernetes.io/mac_address': '01:00:00:00:00:01',
      'lan.default.kubernetes.io/ip_family': 'v4',
      'lan.default.kubernetes.io/routes': '[{"dst": "10.0.0.0/8", "gw": "x"}]',
      'lan.default.kubernetes.io/default_route': 'yes',
    },
    POD,
  );
  assert.deepEqual(pools, []);
  assert.deepEqual(
    problems.map(({ message }) =>
      message.replace(/^Cannot use annotation "lan\.default\.kubernetes\.io\/(\S+)" of pod "shop\/web": /, '$1: '),
    ),
    [
      'ip_address: its value is "10.0.0.500", expected addresses, of which "10.0.0.500" is none',
      'ip_address.net2: its value is "10.0.0.5,10.0.0.6", expected at most one address of each family',
      'ip_pool: its value is "10.0.0.5;x", expected addresses, of which "x" is none',
      'mac_address: its value is "01:00:00:00:00:01", expected six bytes in hex such as "0a:58:0a:f4:00:01", not a multicast address',
      'ip_family: its value is "v4", expected "ipv4" or "ipv6"',
      'routes: its value is "routes[0].gw \\"x\\"", expected an IP address',
      'default_route: its value is "yes", expected "true" or "false"',
    ],
  );
});

test("readAnnotations() finds IPPools, and leaves alone what is Kube-OVN's own or nobody's", () => {
  const reading = readAnnotations(
    {
      'lan.default.kubernetes.io/ip_pool': 'p1,p2',
      'lan.default.kubernetes.io/ip_address': '10.0.0.5,fd00::5',
      'ovn.kubernetes.io/ip_address': 'rubbish',
      'lan.default.ovn.kubernetes.io/ip_address': 'rubbish',
      'kubernetes.io/ip_address': 'rubbish',
      'lan.default.kubernetes.io/other': 'rubbish',
    },
    POD,
  );
  const key = 'lan.default.kubernetes.io/ip_pool';
  assert.deepEqual(reading, {
    problems: [],
    pools: [
      { key, name: 'p1' },
      { key, name: 'p2' },
    ],
  });
});
