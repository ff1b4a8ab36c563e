import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getNodeSpec, type Topology, topology } from '../topology.ts';
import { lanCommands, nodeCommands } from './lan.ts';
import { gatewaySysctls, nicSysctls } from './lan-sysctls.ts';

const ipv4: Topology = { ...topology, families: ['IPv4'] };

test("nodeCommands() routes to the other nodes' pod networks and out by the gateway, in both families", () => {
  assert.deepEqual(nodeCommands(topology, getNodeSpec('n1')), [
    'link set lo up',
    'addr add 172.18.0.2/16 brd + dev enp4s0f0np0',
    'addr add fd00:172:18::2/64 nodad dev enp4s0f0np0',
    'link set enp4s0f0np0 up',
    'addr add 10.200.0.2/16 brd + dev eth1',
    'addr add fd00:10:200::2/64 nodad dev eth1',
    'link set eth1 up',
    'route add 0.0.0.0/0 via 172.18.0.1',
    'route add ::/0 via fd00:172:18::1',
    'route add 10.244.2.0/24 via 172.18.0.3',
    'route add fd00:10:244::2:0/112 via fd00:172:18::3',
  ]);
});

test('with IPv4 alone nothing is said of IPv6', () => {
  const said = JSON.stringify([
    lanCommands(ipv4),
    ipv4.nodes.map(node => nodeCommands(ipv4, node)),
    gatewaySysctls(ipv4),
    nicSysctls(ipv4, ['eth1']),
  ]);
  assert.ok(!/fd00|::|ipv6/.test(said), said);
});

test('lanCommands() puts each member on the LAN under a name that the kernel takes', () => {
  const names = lanCommands(topology).flatMap(line => /^link add (\S+)/.exec(line)?.[1] ?? []);
  assert.deepEqual(names, ['lan', 'lan2', 'lan-n1', 'lan-n2', 'lan-ext', 'lan2-n1', 'lan2-n2']);
  assert.ok(names.every(name => name.length <= 15));
});

test('getNodeSpec() names the nodes that there are', () => {
  assert.throws(() => getNodeSpec('n9'), { message: 'Cannot find node "n9": the sandbox has n1, n2' });
});
