import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnnotations } from './read-annotations.ts';

const KEY = 'ipam.spidernet.io/';
const read = (annotations: Readonly<Record<string, string>>) =>
  readAnnotations(Object.fromEntries(Object.entries(annotations).map(([key, text]) => [KEY + key, text])), 'Pod "a/b"');

test('readAnnotations() finds every pool and subnet that is named', () => {
  const { names, problems } = read({
    ippool: '{"ipv4": ["p4", "q*"], "ipv6": ["p6"]}',
    ippools: '[{"interface": "eth0", "ipv4": ["e0"]}, {"interface": "net1", "ipv6": ["n1"]}]',
    subnet: '{"ipv4": ["s4"]}',
    'default-ipv4-ippool': '["d4"]',
    'ippool-ip-number': '+2',
    'ippool-reclaim': 'false',
    routes: '[{"dst": "10.0.0.0/8", "gw": "10.6.0.1"}]',
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    names.map(({ key, kind, name }) => [key.slice(KEY.length), kind, name]),
    [
      ['ippool', 'SpiderIPPool', 'p4'],
      ['ippool', 'SpiderIPPool', 'q*'],
      ['ippool', 'SpiderIPPool', 'p6'],
      ['ippools', 'SpiderIPPool', 'e0'],
      ['ippools', 'SpiderIPPool', 'n1'],
      ['subnet', 'SpiderSubnet', 's4'],
      ['default-ipv4-ippool', 'SpiderIPPool', 'd4'],
    ],
  );
  assert.deepEqual([names[1]?.means('q7'), names[1]?.means('p4'), names[0]?.means('p4')], [true, false, true]);
});

test('readAnnotations() has a sentence for each annotation that cannot be read', () => {
  const { names, problems } = read({
    ippool: '{',
    ippools: '[{"ipv4": ["a"]}, {"interface": "net1", "ipv4": ["b"]}]',
    'ippool-ip-number': '++2',
    'ippool-reclaim': 'no',
    routes: '[{"dst": "10.0.0.0/8", "gw": "fd00::1"}]',
    subnets: '',
    other: '{',
  });
  assert.deepEqual(names, []);
  assert.deepEqual(
    problems.map(({ message }) =>
      message.replace(/^Cannot use annotation ipam\.spidernet\.io\/(\S+) of Pod "a\/b": /, '$1 '),
    ),
    [
      'ippool it is "{", expected JSON',
      'ippools [1].interface is "net1", expected a name in every item or in none',
      'routes [0].gw is "fd00::1", expected an IPv4 address, as dst is one',
      'ippool-ip-number it is "++2", expected how many addresses in all, like 2, or beside one for each pod, like +2',
      'ippool-reclaim it is "no", expected "true" or "false"',
    ],
  );
});
