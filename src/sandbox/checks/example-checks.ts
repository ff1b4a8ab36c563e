import type { SandboxPod } from '../resources.ts';
import type { Topology } from '../topology.ts';
import type { Check } from './check.ts';
import { multinetChecks } from './multinet-checks.ts';
import { distinctAddressesCheck, networkStatusCheck } from './network-status.ts';
import { webChecks } from './web-checks.ts';
import { pickWebPods, type WebServices } from './web-pods.ts';

export interface ExampleChecksOptions {
  /** All Ready. */
  readonly pods: readonly SandboxPod[];
  readonly services: WebServices;
  readonly topology: Topology;
  readonly stateDir: string;
}

/** What examples/ promises, in each family: traffic of the macvlan Deployment `web`, and of the two multi-NIC pods. */
export function exampleChecks({ pods, services, topology, stateDir }: ExampleChecksOptions): Check[] {
  const overlay = pods.filter(pod => pod.metadata.name.startsWith('samplepod'));
  const web = pickWebPods(topology, pods);
  return topology.families.flatMap(family => [
    ...webChecks({ pods: web, services, topology, stateDir, family, overlay }),
    ...multinetChecks(stateDir, overlay, family),
    ...web.web.map(pod => networkStatusCheck(pod, ['eth0'], family)),
    ...overlay.map(pod => networkStatusCheck(pod, ['eth0', 'net1'], family)),
    distinctAddressesCheck(
      pods,
      topology.nodes.flatMap(node => [node.address[family], node.secondAddress[family]]),
      family,
    ),
  ]);
}
