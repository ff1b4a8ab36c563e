/** A node: its agent, that comes and goes, and the kubelet with its runtime, that call it. */
import type { ClusterObjects } from '../cluster/cluster-objects.ts';
import type { Trace } from '../run/trace.ts';
import type { VirtualTime } from '../run/virtual-time.ts';
import type { Network } from '../traffic/network.ts';
import { type AgentProcess, createAgentProcess } from './agent-process.ts';
import { createKubelet, type Kubelet } from './kubelet.ts';
import type { Machine } from './machine.ts';
import type { Neighbours } from './neighbours.ts';
import { createSandboxes, type Sandboxes } from './sandboxes.ts';

export interface Node extends Kubelet, Pick<AgentProcess, 'slow' | 'start' | 'crash' | 'crashAt'> {
  readonly name: string;
  readonly machine: Machine;
  readonly sandboxes: Sandboxes;
  /** Whether its agent runs. */
  readonly isUp: boolean;
  /** Whether the machine itself has gone, for good. */
  readonly isLost: boolean;
  /** The machine burns: no agent, no pods, no disk. */
  lose(): void;
}

export interface NodeOptions {
  readonly machine: Machine;
  readonly network: Network;
  readonly neighbours: Neighbours;
  readonly time: VirtualTime;
  readonly objects: ClusterObjects;
  readonly trace: Trace;
  /** Whether the agent says that it is alive: there is a controller that asks. */
  readonly hasLease: boolean;
  /** Whether the network is asked before an address is used. */
  readonly isProbing: boolean;
}

export function createNode(options: NodeOptions): Node {
  const { machine, objects, trace } = options;
  const { name } = machine;
  const agent = createAgentProcess({ ...options, onCrash: () => sandboxes.loseCalls() });
  const sandboxes = createSandboxes(machine, () => agent.agent, trace);
  const kubelet = createKubelet(name, sandboxes, objects, trace);
  let isLost = false;
  return {
    ...{ name, machine, sandboxes },
    ...{ crash: agent.crash, crashAt: agent.crashAt },
    get isUp() {
      return agent.agent !== undefined;
    },
    get slow() {
      return agent.slow;
    },
    get isLost() {
      return isLost;
    },
    start() {
      if (!isLost) agent.start();
    },
    lose() {
      trace(() => `${name}: the machine is lost`);
      agent.crash();
      isLost = true;
      machine.journal.clear();
      machine.queue.clear();
      machine.wired.clear();
      machine.spool = [];
      sandboxes.lose();
    },
    pending: () => (isLost ? [] : kubelet.pending()),
    sync: kubelet.sync,
  };
}
