import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { openRouteSocket } from '#netlink';
import { createNamespace, deleteNamespace, openNamespace } from '#netns';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { defaultRouteDev, readNsFacts, sourceFor } from './mod.ts';

/** Runs a test in a namespace that these `ip` commands have set up. */
function withSetup(commands: readonly string[], use: (path: string, ip: (command: string) => string) => void): void {
  const name = `read-facts-${process.pid}`;
  const path = `/run/netns/${name}`;
  createNamespace(path)[Symbol.dispose]();
  const ip = (command: string) => execFileSync('ip', ['-n', name, ...command.split(' ')], { encoding: 'utf8' });
  try {
    for (const command of commands) ip(command);
    use(path, ip);
  } finally {
    deleteNamespace(path);
  }
}

const NODE: readonly string[] = [
  'link set lo up',
  'link add eth0 up type veth peer name lan0',
  'link set lan0 up',
  'link add eth1 up type veth peer name lan1',
  'link set lan1 up',
  'address add 172.18.0.2/16 dev eth0',
  'address add 172.18.0.3/16 dev eth0',
  'address add 10.1.0.5/24 dev eth1',
  'address add fd00::2/64 dev eth0 nodad',
  'route add default via 172.18.0.1 metric 100',
  'route add default via 10.1.0.1 metric 50',
  'route add 10.9.0.0/16 via 172.18.0.1 src 172.18.0.3',
  'route add 10.9.9.0/24 via 10.1.0.1',
  'neighbour add 172.18.0.9 lladdr 02:00:00:00:00:09 dev eth0',
  'rule add from 172.18.0.2 table 100 pref 500',
];

describe('readNsFacts()', skipUnlessRing2(), () => {
  test('reads everything of the namespace, and the sysctls that were asked for and are there', () =>
    withSetup(NODE, path => {
      using ns = openNamespace(path);
      using socket = openRouteSocket(ns);
      const key = 'net/ipv4/conf/eth0/arp_notify';
      const facts = readNsFacts(socket, { ns, sysctls: [key, 'net/ipv4/conf/none/arp_notify'] });
      assert.deepEqual(facts.links.map(link => link.name).sort(), ['eth0', 'eth1', 'lan0', 'lan1', 'lo']);
      assert.ok(facts.addresses.some(address => address.dev === 'eth1' && address.address === '10.1.0.5/24'));
      assert.ok(facts.routes.some(route => route.dst === '10.9.9.0/24' && route.dev === 'eth1'));
      assert.ok(facts.rules.some(rule => rule.priority === 500 && rule.from === '172.18.0.2/32'));
      assert.ok(facts.neighbours.some(each => each.address === '172.18.0.9' && each.isPermanent));
      assert.deepEqual(facts.sysctls, { [key]: '0' });
    }));
});

describe('sourceFor()', skipUnlessRing2(), () => {
  test('says what `ip route get` says', () =>
    withSetup(NODE, (path, ip) => {
      using ns = openNamespace(path);
      using socket = openRouteSocket(ns);
      const facts = readNsFacts(socket);
      assert.equal(defaultRouteDev(facts), 'eth1');
      const targets = [
        '172.18.0.77',
        '172.18.0.2',
        '8.8.8.8',
        '10.1.0.9',
        '10.9.1.1',
        '10.9.9.1',
        'fd00::77',
        'fd00::2',
      ];
      for (const target of targets) {
        const [got] = JSON.parse(ip(`-j route get ${target}`)) as { dev: string; prefsrc: string }[];
        assert.deepEqual(sourceFor(facts, target), { dev: got?.dev, src: got?.prefsrc }, target);
      }
      assert.equal(sourceFor(facts, '2001:db8::1'), undefined);
      assert.throws(() => ip('-6 route get 2001:db8::1'));
    }));
});
