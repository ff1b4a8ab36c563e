/** A cluster in which everything that can come in another order, or fail, is a choice. */
import { IPAM_CLAIMS, NODES, STATEFUL_SETS } from '#api';
import { followKept } from './checks/kept.ts';
import { followLateCalls } from './checks/late-calls.ts';
import { followProofs } from './checks/proofs.ts';
import { followQuarantines } from './checks/quarantines.ts';
import type { Api } from './cluster/api.ts';
import { type ClusterObjects, clusterObjects } from './cluster/cluster-objects.ts';
import { newIpamClaim, newStatefulSet } from './cluster/manifests.ts';
import { createNetworks, DIALECTS, type Dialect } from './cluster/networks.ts';
import { type Controller, createController } from './controller.ts';
import { createMachine } from './node/machine.ts';
import { createNeighbours, type Neighbours } from './node/neighbours.ts';
import { createNode, type Node } from './node/node.ts';
import type { Choices } from './run/choices.ts';
import type { Trace } from './run/trace.ts';
import type { VirtualTime } from './run/virtual-time.ts';
import { createVirtualMachine } from './steps/virtual-machines.ts';
import { createNetwork, type Network } from './traffic/network.ts';

export interface World {
  readonly api: Api;
  readonly objects: ClusterObjects;
  readonly network: Network;
  readonly neighbours: Neighbours;
  readonly time: VirtualTime;
  readonly nodes: readonly Node[];
  readonly controllers: readonly Controller[];
  readonly choices: Choices;
  readonly trace: Trace;
  readonly dialect: Dialect;
  /** Whether there are StatefulSets and virtual machines, and a dialect that keeps addresses for them. */
  readonly hasWorkloads: boolean;
  readonly hasStrangers: boolean;
  /**
   * Claims that were taken from their holders, who are yet to find out: uids, or `uid podUid` where only that pod has lost it.
   */
  readonly lost: Set<string>;
  /** What was seen to happen that must not. */
  readonly offences: string[];
  /** Everybody ends, and the API server forgets them. */
  close(): void;
}

export const STATEFUL_SET = 'set';
export const KEPT = ['kept-0', 'kept-1'];

export function createWorld(api: Api, time: VirtualTime, choices: Choices, trace: Trace): World {
  const objects = clusterObjects(api);
  const network = createNetwork({ api, now: () => time.now, trace });
  const dialect = DIALECTS[Math.max(0, choices.draw(4) - 1)] ?? 'whereabouts';
  createNetworks(objects, dialect);
  const hasWorkloads = dialect !== 'whereabouts';
  if (hasWorkloads) {
    objects.create(STATEFUL_SETS, newStatefulSet(STATEFUL_SET, 2));
    createVirtualMachine({ objects });
  }
  for (const name of KEPT) objects.create(IPAM_CLAIMS, newIpamClaim(name, 'lan'));
  const hasStrangers = choices.draw(3) === 2;
  const controllers = Array.from({ length: Math.max(0, choices.draw(6) - 3) }, (_, index) =>
    createController({ name: `c${index + 1}`, network, time, trace }),
  );
  const hasLease = controllers.length > 0;
  const machines = Array.from({ length: 1 + choices.draw(3) }, (_, index) => createMachine(`n${index + 1}`));
  const neighbours = createNeighbours(() => machines, trace);
  const nodes = machines.map(machine =>
    createNode({ machine, network, neighbours, time, objects, trace, hasLease, isProbing: hasStrangers }),
  );
  const lost = new Set<string>();
  const offences: string[] = [];
  const stops = [
    ...(hasLease ? [followProofs({ api, network, time, nodes, lost, trace })] : []),
    followLateCalls(api, network, lost),
    followKept({ api, network, nodes, objects, offences, lost }),
    followQuarantines({ api, network, time, machines, offences, lost }),
  ];
  for (const { name } of nodes) objects.create(NODES, { metadata: { name } });
  for (const one of [...nodes, ...controllers]) one.start();
  return {
    ...{ api, objects, network, neighbours, time, nodes, controllers, choices, trace },
    ...{ dialect, hasWorkloads, hasStrangers, lost, offences },
    close() {
      for (const one of [...nodes, ...controllers]) one.crash();
      network.close();
      for (const stop of stops) stop();
    },
  };
}
