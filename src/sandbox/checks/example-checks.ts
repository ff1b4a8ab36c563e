import type { KubeClient } from '#kube';
import type { SandboxPod } from '../resources.ts';
import type { Topology } from '../topology.ts';
import type { Check } from './check.ts';
import type { ServicePlace } from './check-services.ts';
import { podNamed } from './find-pods.ts';
import { kubeOvnChecks, kubeOvnViewChecks } from './kube-ovn-checks.ts';
import { net1Checks } from './multinet-checks.ts';
import { distinctAddressesCheck, networkStatusCheck } from './network-status.ts';
import { spiderpoolChecks, spiderpoolViewChecks } from './spiderpool-checks.ts';
import { webChecks } from './web-checks.ts';
import { pickWebPods, type WebServices } from './web-pods.ts';
import { whereaboutsViewChecks } from './whereabouts-checks.ts';

/** What the checks reach by a Service. */
export interface ExampleServices {
  readonly web: WebServices;
  readonly testApp: ServicePlace;
}

export interface ExampleChecksOptions {
  readonly client: KubeClient;
  /** All Ready. */
  readonly pods: readonly SandboxPod[];
  readonly services: ExampleServices;
  readonly topology: Topology;
  readonly stateDir: string;
}

/** What examples/ promises, in each family, and what the cluster's objects are to say of it. */
export function exampleChecks({ client, pods, services, topology, stateDir }: ExampleChecksOptions): Check[] {
  const overlay = [podNamed(pods, 'samplepod'), podNamed(pods, 'samplepod-2')] as const;
  const web = pickWebPods(topology, pods);
  const onLan = pods.filter(({ metadata }) => ['web', 'test-app'].includes(metadata.labels?.['app'] ?? ''));
  const withTwo = pods.filter(pod => !onLan.includes(pod));
  const nodes = topology.nodes.map(node => [node.address, node.secondAddress]);
  const perFamily = topology.families.flatMap(family => [
    ...webChecks({ pods: web, services: services.web, topology, stateDir, family, overlay }),
    ...net1Checks('net1 to net1, across nodes', stateDir, ...overlay, family),
    ...spiderpoolChecks({ pods, service: services.testApp, topology, stateDir, family }),
    ...kubeOvnChecks(stateDir, pods, family),
    ...onLan.map(pod => networkStatusCheck(pod, ['eth0'], family)),
    ...withTwo.map(pod => networkStatusCheck(pod, ['eth0', 'net1'], family)),
    distinctAddressesCheck(
      pods,
      nodes.flat().map(address => address[family]),
      family,
    ),
  ]);
  return [
    ...perFamily,
    ...spiderpoolViewChecks(client, pods, topology.families),
    ...kubeOvnViewChecks(client, topology.families),
    ...whereaboutsViewChecks(client, overlay),
  ];
}
