/** A cluster in which everything that can come in another order, or fail, is a choice. */
import { IPAM_CLAIMS, NETWORK_ATTACHMENT_DEFINITIONS, NODES } from '#api';
import type { Api } from './api.ts';
import type { Choices } from './choices.ts';
import { type ClusterObjects, clusterObjects, newIpamClaim, newNetwork } from './cluster-objects.ts';
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
  /** uids of claims that somebody took away who had better not: what their holders make of it takes its time. */
  readonly tampered: Set<string>;
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
export const KEPT = ['kept-0', 'kept-1'];

export function createWorld(api: Api, time: VirtualTime, choices: Choices, trace: Trace): World {
  const objects = clusterObjects(api);
  const network = createNetwork({ api, now: () => time.now, trace });
  for (const name of NETWORKS) {
    objects.create(NETWORK_ATTACHMENT_DEFINITIONS, newNetwork(name, RANGES[0] ?? []));
  }
  for (const name of KEPT) objects.create(IPAM_CLAIMS, newIpamClaim(name, 'lan'));
  const controllers = Array.from({ length: Math.max(0, choices.draw(6) - 3) }, (_, index) =>
    createController({ name: `c${index + 1}`, network, time, trace }),
  );
  const hasLease = controllers.length > 0;
  const nodes = Array.from({ length: 1 + choices.draw(3) }, (_, index) =>
    createNode({ name: `n${index + 1}`, network, time, objects, trace, hasLease }),
  );
  const tampered = new Set<string>();
  if (hasLease) followProofs({ api, network, time, nodes, tampered, trace });
  for (const { name } of nodes) objects.create(NODES, { metadata: { name } });
  for (const one of [...nodes, ...controllers]) one.start();
  return { api, objects, network, time, nodes, controllers, choices, trace, tampered };
}
