/** A cluster in which everything that can come in another order, or fail, is a choice. */
import { IPAM_CLAIMS, NETWORK_ATTACHMENT_DEFINITIONS, NODES, SPIDER_IP_POOLS, STATEFUL_SETS } from '#api';
import type { Api } from './api.ts';
import type { Choices } from './choices.ts';
import {
  type ClusterObjects,
  clusterObjects,
  newIpamClaim,
  newNetwork,
  newPool,
  newPoolNetwork,
  newStatefulSet,
} from './cluster-objects.ts';
import { type Controller, createController } from './controller.ts';
import { createNetwork, type Network } from './network.ts';
import { createNode, type Node } from './node.ts';
import { followProofs } from './proofs.ts';
import type { Trace } from './trace.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface World {
  readonly api: Api;
  readonly objects: ClusterObjects;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly nodes: readonly Node[];
  readonly controllers: readonly Controller[];
  readonly choices: Choices;
  readonly trace: Trace;
  /** Whether the second network is one of Spiderpool's pools, and there is a StatefulSet. */
  readonly hasPools: boolean;
  /** uids of claims that somebody took away who had better not: what their holders make of it takes its time. */
  readonly tampered: Set<string>;
  /** Everybody ends, and the API server forgets them. */
  close(): void;
}

/** Ranges that the networks are changed to and from; the first ones are those that they begin with. */
export const RANGES: readonly (readonly string[])[] = [
  ['10.0.0.1-10.0.0.4/24'],
  ['10.0.0.1-10.0.0.2/24'],
  ['10.0.0.3-10.0.0.6/24'],
  ['10.0.1.1-10.0.1.3/24'],
  ['10.0.0.1-10.0.0.4/24', '10.0.1.1-10.0.1.3/24'],
  ['10.0.1.1-10.0.1.3/24', '10.0.0.1-10.0.0.4/24'],
];

export const NETWORKS = ['lan', 'wan'];
/** Networks in Spiderpool's words: pools, what each is changed to and from, and the order in which they are asked. */
export const POOLS: readonly { readonly name: string; readonly subnet: string; readonly ips: readonly string[] }[] = [
  { name: 'pool-a', subnet: '10.0.0.0/24', ips: ['10.0.0.1-10.0.0.4', '10.0.0.1-10.0.0.2', '10.0.0.3-10.0.0.6'] },
  { name: 'pool-b', subnet: '10.0.1.0/24', ips: ['10.0.1.1-10.0.1.3', '10.0.1.2-10.0.1.2', '10.0.1.2-10.0.1.5'] },
];
export const STATEFUL_SET = 'set';

export const KEPT = ['kept-0', 'kept-1'];

export function createWorld(api: Api, time: VirtualTime, choices: Choices, trace: Trace): World {
  const objects = clusterObjects(api);
  const network = createNetwork({ api, now: () => time.now, trace });
  for (const name of NETWORKS) {
    objects.create(NETWORK_ATTACHMENT_DEFINITIONS, newNetwork(name, RANGES[0] ?? []));
  }
  const hasPools = choices.draw(3) === 2;
  if (hasPools) createPools(objects);
  for (const name of KEPT) objects.create(IPAM_CLAIMS, newIpamClaim(name, 'lan'));
  const controllers = Array.from({ length: Math.max(0, choices.draw(6) - 3) }, (_, index) =>
    createController({ name: `c${index + 1}`, network, time, trace }),
  );
  const hasLease = controllers.length > 0;
  const nodes = Array.from({ length: 1 + choices.draw(3) }, (_, index) =>
    createNode({ name: `n${index + 1}`, network, time, objects, trace, hasLease }),
  );
  const tampered = new Set<string>();
  const stopProofs = hasLease ? followProofs({ api, network, time, nodes, tampered, trace }) : undefined;
  for (const { name } of nodes) objects.create(NODES, { metadata: { name } });
  for (const one of [...nodes, ...controllers]) one.start();
  return {
    ...{ api, objects, network, time, nodes, controllers, choices, trace, tampered, hasPools },
    close() {
      for (const one of [...nodes, ...controllers]) one.crash();
      network.close();
      stopProofs?.();
    },
  };
}

/** The second network becomes one of pools, and there is a StatefulSet. */
function createPools(objects: ClusterObjects): void {
  for (const { name, subnet, ips } of POOLS) objects.create(SPIDER_IP_POOLS, newPool(name, subnet, ips[0] ?? ''));
  const { spec } = newPoolNetwork('wan', ['pool-a', 'pool-b']);
  objects.patch(NETWORK_ATTACHMENT_DEFINITIONS, 'wan', { spec });
  objects.create(STATEFUL_SETS, newStatefulSet(STATEFUL_SET, 2));
}
