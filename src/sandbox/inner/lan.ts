import { writeFile } from 'node:fs/promises';
import { runCommand } from '../run-command.ts';
import type { Lan, NodeSpec, Topology } from '../topology.ts';

/**
 * Lays the wires: bridges in the calling process's namespace, nodes and outsider as named namespaces below /run/netns.
 * Set up with iproute2, so that the nodes are what any machine would be and owe nothing to the code under test.
 */
export async function buildLan(topology: Topology): Promise<void> {
  await runCommand('ip', ['-batch', '-'], { stdin: lines(lanCommands(topology)) });
  await Promise.all([
    ...topology.nodes.map(node =>
      runCommand('ip', ['-n', node.name, '-batch', '-'], { stdin: lines(nodeCommands(topology, node)) }),
    ),
    runCommand('ip', ['-n', topology.outsider.name, '-batch', '-'], { stdin: lines(outsiderCommands(topology)) }),
    // The gateway forwards between the pod networks and the LAN.
    writeFile('/proc/sys/net/ipv4/ip_forward', '1'),
  ]);
}

/** `ip -batch` lines for the namespace that holds the bridges. */
export function lanCommands(topology: Topology): string[] {
  const { lan, secondLan, nodes, outsider } = topology;
  return [
    ...[...nodes, outsider].map(member => `netns add ${member.name}`),
    'link set lo up',
    ...bridgeCommands(lan),
    ...bridgeCommands(secondLan),
    ...[...nodes, outsider].flatMap(member => cableCommands(lan, member.name)),
    ...nodes.flatMap(node => cableCommands(secondLan, node.name)),
    ...nodes.map(node => `route add ${node.podCidr} via ${node.address}`),
  ];
}

/** `ip -batch` lines for a node's namespace. */
export function nodeCommands(topology: Topology, node: NodeSpec): string[] {
  const { lan, secondLan } = topology;
  return [
    'link set lo up',
    ...addressCommands(lan, node.address),
    ...addressCommands(secondLan, node.secondAddress),
    `route add default via ${lan.address}`,
    ...topology.nodes.filter(other => other !== node).map(other => `route add ${other.podCidr} via ${other.address}`),
  ];
}

function outsiderCommands({ lan, outsider }: Topology): string[] {
  return ['link set lo up', ...addressCommands(lan, outsider.address), `route add default via ${lan.address}`];
}

function bridgeCommands(lan: Lan): string[] {
  return [
    `link add ${lan.bridge} address ${lan.mac} type bridge`,
    `addr add ${lan.address}/${lan.prefixLength} brd + dev ${lan.bridge}`,
    `link set ${lan.bridge} up`,
  ];
}

function cableCommands(lan: Lan, member: string): string[] {
  const port = `${lan.bridge}-${member}`;
  return [
    `link add ${port} type veth peer name ${lan.nic} netns ${member}`,
    `link set ${port} master ${lan.bridge} up`,
  ];
}

function addressCommands(lan: Lan, address: string): string[] {
  return [`addr add ${address}/${lan.prefixLength} brd + dev ${lan.nic}`, `link set ${lan.nic} up`];
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}
