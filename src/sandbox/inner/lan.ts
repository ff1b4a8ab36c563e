import { writeFile } from 'node:fs/promises';
import { familyOf } from '../family.ts';
import { runCommand } from '../run-command.ts';
import { type Lan, listFamilies, type NodeSpec, type Topology } from '../topology.ts';
import { gatewaySysctls, nicSysctls } from './lan-sysctls.ts';

/**
 * Lays the wires: bridges in the calling process's namespace, nodes and outsider as named namespaces below /run/netns.
 * Set up with iproute2, so that the nodes are what any machine would be and owe nothing to the code under test.
 */
export async function buildLan(topology: Topology): Promise<void> {
  const { lan, secondLan, nodes, outsider } = topology;
  // The gateway forwards between the pod networks and the LAN.
  await writeSysctls(gatewaySysctls(topology));
  await runCommand('ip', ['-batch', '-'], { stdin: lines(lanCommands(topology)) });
  await Promise.all([
    ...nodes.map(node =>
      setUpMember(node.name, nicSysctls(topology, [lan.nic, secondLan.nic]), nodeCommands(topology, node)),
    ),
    setUpMember(outsider.name, nicSysctls(topology, [lan.nic]), outsiderCommands(topology)),
  ]);
}

async function writeSysctls(sysctls: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, value] of Object.entries(sysctls)) await writeFile(`/proc/sys/${path}`, value);
}

/** Runs `ip -batch` lines in a member's namespace, behind its sysctls: they count when an address comes and when a link rises. */
async function setUpMember(
  name: string,
  sysctls: Readonly<Record<string, string>>,
  commands: readonly string[],
): Promise<void> {
  const writes = Object.entries(sysctls).map(([path, value]) => `echo ${value} > /proc/sys/${path}`);
  await runCommand('nsenter', [`--net=/run/netns/${name}`, 'sh', '-ec', [...writes, 'ip -batch -'].join('\n')], {
    stdin: lines(commands),
  });
}

/** `ip -batch` lines for the namespace that holds the bridges. */
export function lanCommands(topology: Topology): string[] {
  const { lan, secondLan, nodes, outsider } = topology;
  return [
    ...[...nodes, outsider].map(member => `netns add ${member.name}`),
    'link set lo up',
    ...bridgeCommands(topology, lan),
    ...bridgeCommands(topology, secondLan),
    ...[...nodes, outsider].flatMap(member => cableCommands(lan, member.name)),
    ...nodes.flatMap(node => cableCommands(secondLan, node.name)),
    ...nodes.flatMap(node => podRouteCommands(topology, node)),
  ];
}

/** `ip -batch` lines for a node's namespace. */
export function nodeCommands(topology: Topology, node: NodeSpec): string[] {
  const { lan, secondLan } = topology;
  return [
    'link set lo up',
    ...nicCommands(topology, lan, node.address),
    ...nicCommands(topology, secondLan, node.secondAddress),
    ...defaultRouteCommands(topology),
    ...topology.nodes.filter(other => other !== node).flatMap(other => podRouteCommands(topology, other)),
  ];
}

function outsiderCommands(topology: Topology): string[] {
  const { lan, outsider } = topology;
  return ['link set lo up', ...nicCommands(topology, lan, outsider.address), ...defaultRouteCommands(topology)];
}

function bridgeCommands(topology: Topology, lan: Lan): string[] {
  return [
    `link add ${lan.bridge} address ${lan.mac} type bridge`,
    ...addressCommands(topology, lan, lan.address, lan.bridge),
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

function nicCommands(topology: Topology, lan: Lan, address: Lan['address']): string[] {
  return [...addressCommands(topology, lan, address, lan.nic), `link set ${lan.nic} up`];
}

/** Nobody else has these addresses: they need not wait until it is known. */
function addressCommands(topology: Topology, lan: Lan, address: Lan['address'], dev: string): string[] {
  return topology.families.map(family => {
    const options = family === 'IPv4' ? 'brd +' : 'nodad';
    return `addr add ${address[family]}/${lan.prefixLength[family]} ${options} dev ${dev}`;
  });
}

function defaultRouteCommands(topology: Topology): string[] {
  return listFamilies(topology, topology.lan.address).map(
    address => `route add ${familyOf(address) === 'IPv4' ? '0.0.0.0/0' : '::/0'} via ${address}`,
  );
}

function podRouteCommands({ families }: Topology, node: NodeSpec): string[] {
  return families.map(family => `route add ${node.podCidr[family]} via ${node.address[family]}`);
}

function lines(commands: readonly string[]): string {
  return `${commands.join('\n')}\n`;
}
