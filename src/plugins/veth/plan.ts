import type { CniResult } from '#cni';
import { RT_TABLE_MAIN } from '#facts';
import { PlanError } from '../errors.ts';
import type { Plan, PlanInput } from '../plugin.ts';
import { resultIps } from '../result-ips.ts';
import type { VethConfig } from './config.ts';
import { laterInterface, migrateRoutes } from './migrate-routes.ts';
import { findNodePath } from './node-path.ts';
import type { VethPair } from './pair.ts';
import { existingPair, hasPair, newPair, POD_END, pairItem } from './pair.ts';
import { hostSysctls, wireHost } from './wire-host.ts';
import { podNeighbours, podRoutes, podSysctls } from './wire-pod.ts';

/**
 * A private wire between pod and node: what the pod sends to its node, to services and to overlay pods takes it, and
 * what the node sends to the pod does. The first interface of a pod makes the pair, later ones use it by a table of their own.
 */
export function planVeth(input: PlanInput<VethConfig>): Plan {
  const { config, prevResult, attachment } = input;
  if (prevResult === undefined) {
    throw new PlanError(
      'NOT_CHAINED',
      `Cannot plan veth on "${attachment.ifname}": there is no prevResult, expected a plugin before it in the chain that makes the interface`,
    );
  }
  if (config.isSkipped) return { wiring: [], result: prevResult };
  return hasPair(input.facts) ? planLater(input, prevResult) : planFirst(input, prevResult);
}

function planFirst(input: PlanInput<VethConfig>, prevResult: CniResult): Plan {
  const { config, attachment, facts } = input;
  const mtu = interfaceMtu(input);
  const path = findNodePath(attachment.ifname, resultIps(attachment.ifname, prevResult), facts.host);
  const pair = newPair(attachment);
  return {
    wiring: [
      pairItem(pair, mtu),
      ...hostSysctls(pair, config.rpFilter, facts.host),
      ...podSysctls(attachment.ifname, config.rpFilter.value, path.gateways.has(6)),
      ...podNeighbours(pair, path, facts.pod),
      ...podRoutes(config.hijackedPrefixes, path, facts.pod, RT_TABLE_MAIN),
      ...wireHost(pair, path),
    ],
    result: { ...prevResult, interfaces: [...prevResult.interfaces, ...pairInterfaces(pair, mtu, attachment.netns)] },
  };
}

function planLater(input: PlanInput<VethConfig>, prevResult: CniResult): Plan {
  const { config, attachment, facts } = input;
  interfaceMtu(input);
  const later = laterInterface(attachment.ifname);
  const path = findNodePath(attachment.ifname, resultIps(attachment.ifname, prevResult), facts.host);
  const pair = existingPair(attachment, facts);
  return {
    wiring: [
      ...hostSysctls(pair, config.rpFilter, facts.host),
      ...podSysctls(attachment.ifname, config.rpFilter.value, path.gateways.has(6)),
      ...podNeighbours(pair, path, facts.pod),
      ...podRoutes(config.hijackedPrefixes, path, facts.pod, later.table),
      ...(config.isMigrating ? migrateRoutes(later, path, facts.pod.routes) : []),
      ...wireHost(pair, path),
    ],
    result: prevResult,
  };
}

/** The pair carries what the pod's NIC carries. */
function interfaceMtu(input: PlanInput<VethConfig>): number {
  const { ifname } = input.attachment;
  const link = input.facts.pod.links.find(candidate => candidate.name === ifname);
  if (link !== undefined) return link.mtu;
  throw new PlanError(
    'INTERFACE_MISSING',
    `Cannot plan veth on "${ifname}": the pod has no such interface, expected one made earlier in the chain`,
  );
}

function pairInterfaces(pair: VethPair, mtu: number, netns: string): CniResult['interfaces'] {
  return [
    { name: pair.hostEnd, mac: pair.hostMac, mtu },
    { name: POD_END, mac: pair.podMac, mtu, sandbox: netns },
  ];
}
