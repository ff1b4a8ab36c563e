import type { Trace } from '../run/trace.ts';
import type { VirtualTime } from '../run/virtual-time.ts';
import type { Network } from '../traffic/network.ts';
import { type Agent, startAgent } from './agent.ts';
import type { Machine } from './machine.ts';
import type { Neighbours } from './neighbours.ts';
import { createSlowThings, type SlowItem } from './slow-things.ts';

/** A node's agent as a process: it is started, and killed. */
export interface AgentProcess {
  /** Undefined while none runs. */
  readonly agent: Agent | undefined;
  readonly slow: readonly SlowItem[];
  start(): void;
  /** Ends as by kill -9. */
  crash(): void;
  /** The same, at the n-th next thing that it does to its disk. */
  crashAt(beats: number): void;
}

export interface AgentProcessOptions {
  readonly machine: Machine;
  readonly network: Network;
  readonly neighbours: Neighbours;
  readonly time: VirtualTime;
  readonly trace: Trace;
  readonly hasLease: boolean;
  /** Whether the network is asked before an address is used. */
  readonly isProbing: boolean;
  /** The process has been killed. */
  readonly onCrash: () => void;
}

export function createAgentProcess(options: AgentProcessOptions): AgentProcess {
  const { machine, network, neighbours, time, trace, hasLease, isProbing, onCrash } = options;
  const { name } = machine;
  const slow = createSlowThings(name, trace);
  let running: { readonly agent: Agent; readonly life: { isOver: boolean; fuse: number } } | undefined;
  let starts = 0;

  function crash(): void {
    if (running === undefined) return;
    trace(() => `${name}: the agent is killed`);
    running.life.isOver = true;
    running = undefined;
    slow.clear();
    onCrash();
  }

  return {
    get agent() {
      return running?.agent;
    },
    get slow() {
      return slow.items;
    },
    start() {
      if (running !== undefined) return;
      trace(() => `${name}: an agent starts`);
      const life = {
        isOver: false,
        fuse: Number.POSITIVE_INFINITY,
        beat() {
          if (--life.fuse <= 0) crash();
          return !life.isOver;
        },
      };
      const link = {
        name: `${name}#${++starts}`,
        get isOver() {
          return life.isOver;
        },
        get isCut() {
          return machine.isCut;
        },
      };
      const agent = startAgent({
        ...{ machine, life, neighbours, hasLease, isProbing, trace },
        client: network.connect(link),
        clock: time.clockFor(life),
        slowly: (what, canFail) => slow.wait(what, canFail, life),
      });
      running = { agent, life };
    },
    crash,
    crashAt(beats) {
      if (running !== undefined) running.life.fuse = beats;
    },
  };
}
