/** A node's agent, made of the agent's own parts. */
import {
  agentLeaseName,
  IP_ALLOCATIONS,
  type IPAllocation,
  NETWORK_ATTACHMENT_DEFINITIONS,
  type NetworkAttachmentDefinition,
  NODE_LABEL,
  PODS,
  type Pod,
} from '#api';
import { createHostLocalLeases, DEFAULT_DEADLINES, type JournalEntry, podState } from '#attach';
import { type Clock, silentLog } from '#base';
import type { CniRequest } from '#cni';
import { createClaimStore, createPoolCatalog, createReleaser, labelHash } from '#ipam';
import { createWatchCache, type KubeClient, keepLease } from '#kube';
import { keepClaims } from '../../../src/agent/claim-keeper.ts';
import { finishLater } from '../../../src/agent/finish-entries.ts';
import { createRetryLoop } from '../../../src/agent/retry-loop.ts';
import { createBusyOwners } from '../../../src/attach/addresses/busy-owners.ts';
import { claimUseOf } from '../../../src/attach/addresses/claim-use.ts';
import { leftOvers } from '../../../src/attach/journal/left-overs.ts';
import { createTurns } from '../../../src/attach/verbs/turns.ts';
import type { Trace } from '../run/trace.ts';
import { type Life, type Machine, openMachineJournal, openMachineQueue } from './machine.ts';
import type { Neighbours } from './neighbours.ts';
import { createPipeline, type PipelineOptions } from './pipeline.ts';
// Loaded when they are first asked for, which would take its time in the middle of a run.
import '../../../src/attach/neighbours/evade-conflict.ts';
import '../../../src/ipam/dialects/kube-ovn/kube-ovn-wishes.ts';
import '../../../src/ipam/dialects/spiderpool/spiderpool-wishes.ts';

export interface Agent {
  /** As the runtime's call comes in by the socket. */
  call(request: CniRequest, hangUp: AbortSignal): Promise<void>;
}

export interface AgentOptions extends Pick<PipelineOptions, 'slowly'> {
  readonly machine: Machine;
  readonly life: Life;
  readonly client: KubeClient;
  readonly neighbours: Neighbours;
  readonly clock: Clock;
  readonly hasLease: boolean;
  /** Whether the network is asked before an address is used. */
  readonly isProbing: boolean;
  readonly trace: Trace;
}

/** Starts as the agent does: caches, what a former one left half done, spooled DELs. */
export function startAgent(options: AgentOptions): Agent {
  const { machine, life, client, neighbours, clock, hasLease, isProbing, slowly, trace } = options;
  const { signal } = new AbortController();
  const log = silentLog;
  const common = { client, signal, log, clock };
  const node = machine.name;
  const pods = createWatchCache<Pod>({
    ...common,
    resource: PODS,
    query: { fieldSelector: `spec.nodeName=${node}` },
  });
  const claims = createWatchCache<IPAllocation>({
    ...common,
    resource: IP_ALLOCATIONS,
    query: { labelSelector: `${NODE_LABEL}=${labelHash(node)}` },
  });
  const nads = createWatchCache<NetworkAttachmentDefinition>({ ...common, resource: NETWORK_ATTACHMENT_DEFINITIONS });
  if (hasLease) {
    keepLease({
      ...common,
      lease: { namespace: 'kube-system', name: agentLeaseName(node) },
      holder: node,
      durationSeconds: 40,
      renewMs: 10_000,
    }).catch(() => undefined);
  }
  const journal = openMachineJournal(machine, life);
  const store = createClaimStore({ client, cache: claims, sees: 'node', clock, log });
  const turns = createTurns(signal);
  let judgeOwner: (owner: string) => void = () => undefined;
  const owners = createBusyOwners(owner => judgeOwner(owner));
  const use = claimUseOf(journal, owners);
  const releaser = createReleaser({
    dir: '',
    openFiles: () => openMachineQueue(machine, life, what => slowly(what, false)),
    ...{ store, client, node, clock, log, signal },
    ...use,
    podState: (namespace, name, uid) => podState({ client, pods }, { namespace, name, uid }),
  });
  const retries = createRetryLoop(clock, log, signal);
  claims.subscribe(change => {
    if (change.type === 'relisted') retries.wake();
  });
  const events = {
    record: ({ name }: { readonly name: string }, _type: string, reason: string, message: string) =>
      trace(() => `${node}: ${reason} of ${name}: ${message}`),
    flush: async () => undefined,
    dropped: 0,
  };
  // The parts that take and give back addresses use no more than these of what the pipeline has.
  const deps = {
    nodeName: node,
    journal,
    hostLocal: createHostLocalLeases(journal, '/nowhere'),
    cluster: { store, releaser, catalog: createPoolCatalog(common) },
    api: { client, pods, nads, events },
    ...(isProbing ? { detect: { conflict: true, gateway: false } } : {}),
    deadlines: DEFAULT_DEADLINES,
    announcer: { announce: () => undefined, forget: () => undefined },
    onEntryGone: (owner: string) => judgeOwner(owner),
    onUnfinished: (entry: JournalEntry, error: unknown) => finishLater(entry, error, { finish }, retries),
    ...{ clock, log },
  } as unknown as PipelineOptions['deps'];
  const pipeline = createPipeline({ deps, machine, life, neighbours, owners, slowly, signal });

  function finish(entry: JournalEntry): Promise<void> {
    return turns.ofEntry(entry, () => pipeline.finish(entry));
  }

  async function inTurn(cni: CniRequest, hangUp: AbortSignal): Promise<void> {
    await turns.ofRequest(cni, false, hangUp, async ended => {
      await (cni.command === 'ADD' ? pipeline.add(cni, ended) : pipeline.delete(cni));
      return '';
    });
  }

  async function catchUp(): Promise<void> {
    await Promise.allSettled(leftOvers(journal.list()).map(finish));
    for (const cni of machine.spool) {
      await inTurn(cni, signal);
      if (life.beat()) machine.spool = machine.spool.filter(other => other !== cni);
    }
  }

  const keeper = keepClaims({
    ...{ claims, pods, releaser, clock, log, signal },
    ...use,
    reassert: async () => {
      await Promise.all(journal.list().map(entry => turns.ofEntry(entry, () => pipeline.reassert(entry))));
    },
  });
  judgeOwner = keeper.judgeOwner;
  const caughtUp = catchUp();
  // Whoever calls hears of it.
  caughtUp.catch(() => undefined);
  return {
    async call(cni, hangUp) {
      await caughtUp;
      await inTurn(cni, hangUp);
    },
  };
}
