/**
 * A node's agent, made of the agent's own parts. Only what touches the kernel is left out: an ADD takes its addresses, makes
 * its interfaces in one step that may fail, and is journalled as the pipeline does it.
 */
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
import { type AttachDeps, createHostLocalLeases, DEFAULT_DEADLINES, type JournalEntry, podState } from '#attach';
import { type Clock, silentLog } from '#base';
import type { CniRequest } from '#cni';
import { createClaimStore, createPoolCatalog, createReleaser, labelHash, type Releaser } from '#ipam';
import { createWatchCache, type KubeClient, keepLease, type WatchCache } from '#kube';
import { assignInterfaceNames, NETWORKS_ANNOTATION, parseNetworksAnnotation } from '#networks';
import { keepClaims } from '../../src/agent/claim-keeper.ts';
import { finishLater } from '../../src/agent/finish-entries.ts';
import { createRetryLoop } from '../../src/agent/retry-loop.ts';
import type { AddRequest } from '../../src/attach/add/add-request.ts';
import { createDraft } from '../../src/attach/add/draft.ts';
import { rollBack, type UndoList } from '../../src/attach/add/roll-back.ts';
import { createBusyOwners } from '../../src/attach/addresses/busy-owners.ts';
import { claimUseOf } from '../../src/attach/addresses/claim-use.ts';
import { holdLeases } from '../../src/attach/addresses/reassert.ts';
import { takeAddresses } from '../../src/attach/addresses/take-addresses.ts';
import { leftOvers } from '../../src/attach/journal/left-overs.ts';
import { podOf } from '../../src/attach/pod.ts';
import type { AttachmentPlan } from '../../src/attach/resolve/attachment-plan.ts';
import { parseChain } from '../../src/attach/resolve/chain.ts';
import { networkOfNad } from '../../src/attach/resolve/find-network.ts';
import { finishEntry } from '../../src/attach/verbs/finish.ts';
import { keyOf, refOf } from '../../src/attach/verbs/request-keys.ts';
// Loaded when it is first asked for, which would take its time in the middle of a run.
import '../../src/ipam/dialects/spiderpool/spiderpool-wishes.ts';
import { deleteEntry } from '../../src/attach/undo.ts';
import { createTurns } from '../../src/attach/verbs/turns.ts';
import { type Life, type Machine, openMachineJournal, openMachineQueue } from './machine.ts';

export interface Agent {
  /** As the runtime's call comes in by the socket. */
  call(request: CniRequest, hangUp: AbortSignal): Promise<void>;
  readonly releaser: Releaser;
}

export interface AgentOptions {
  readonly machine: Machine;
  readonly life: Life;
  readonly client: KubeClient;
  readonly clock: Clock;
  /** Whether it says that it is alive: there is a controller that asks. */
  readonly hasLease: boolean;
  /** Resolves when a slow thing on the node is done, or rejects when it fails. */
  readonly slowly: (what: string, canFail: boolean) => Promise<void>;
}

const NAMESPACE = 'default';

/** Starts as the agent does: caches, what a former one left half done, spooled DELs. */
export function startAgent({ machine, life, client, clock, hasLease, slowly }: AgentOptions): Agent {
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
    store,
    client,
    node,
    ...use,
    podState: (namespace, name, uid) => podState({ client, pods }, { namespace, name, uid }),
    clock,
    log,
    signal,
  });
  const retries = createRetryLoop(clock, log, signal);
  claims.subscribe(change => {
    if (change.type === 'relisted') retries.wake();
  });
  const events = { record: () => undefined, flush: async () => undefined, dropped: 0 };
  // The parts that take and give back addresses use no more than these of what the pipeline has.
  const deps = {
    nodeName: node,
    journal,
    hostLocal: createHostLocalLeases(journal, '/nowhere'),
    cluster: { store, releaser, catalog: createPoolCatalog(common) },
    api: { client, pods, nads, events },
    deadlines: DEFAULT_DEADLINES,
    announcer: { announce: () => undefined, forget: () => undefined },
    onEntryGone: (owner: string) => judgeOwner(owner),
    onUnfinished: (entry: JournalEntry, error: unknown) => finishLater(entry, error, { finish }, retries),
    clock,
    log,
  } as unknown as AttachDeps & { readonly cluster: NonNullable<AttachDeps['cluster']> };

  function finish(entry: JournalEntry): Promise<void> {
    return turns.ofEntry(entry, async () => {
      const current = journal.find(entry.key);
      if (current !== undefined && current.nonce === entry.nonce) await unwire(current);
      await finishEntry(entry, deps, signal);
    });
  }

  /** What an entry made on the node goes before its addresses do. */
  async function unwire({ nonce, key }: JournalEntry): Promise<void> {
    if (!machine.wired.has(nonce)) return;
    await slowly(`unwire ${key.containerId}`, false);
    if (life.beat()) machine.wired.delete(nonce);
  }

  async function undo(entry: JournalEntry): Promise<void> {
    await unwire(entry);
    await deleteEntry(entry, deps, signal);
  }

  async function runAdd(cni: CniRequest, hangUp: AbortSignal): Promise<void> {
    hangUp.throwIfAborted();
    const key = keyOf(cni);
    let leave: (() => void) | undefined;
    try {
      const former = journal.find(key);
      if (former !== undefined) await undo(former);
      const pod = await podOf(cni, deps, hangUp);
      const ref = refOf(pod, cni);
      leave = owners.enter(ref?.uid ?? cni.containerId);
      const plans = pod === undefined ? [] : await plansOf(pod, { cache: nads, client }, hangUp);
      const request = {
        cni,
        key,
        plans,
        ...(ref === undefined ? {} : { pod: ref }),
        ...(pod === undefined ? {} : { podObject: pod }),
      };
      await attach(request, hangUp);
    } finally {
      leave?.();
    }
  }

  async function attach(request: AddRequest, hangUp: AbortSignal): Promise<void> {
    const draft = createDraft(entryOf(request), journal);
    const undoList: UndoList = { fresh: [], status: undefined };
    try {
      await takeAddresses(request, draft, undoList, deps, hangUp);
      draft.commit('adding');
      if (life.beat()) machine.wired.add(draft.entry.nonce);
      await slowly(`wire ${request.cni.containerId}`, true);
      hangUp.throwIfAborted();
      draft.commit('added');
    } catch (error) {
      await unwire(draft.entry);
      await rollBack(draft, undoList, request, deps, error);
      throw error;
    }
  }

  async function runDel(cni: CniRequest): Promise<void> {
    const entry = journal.find(keyOf(cni));
    if (entry !== undefined) await undo(entry);
  }

  async function reassertOne({ key }: JournalEntry): Promise<void> {
    const entry = journal.find(key);
    if (entry?.state !== 'added') return;
    const onLost = (_ifname: string, { ref }: { readonly ref: { readonly name: string } }): void => {
      if (life.beat()) machine.down.add(`${entry.nonce}/${ref.name}`);
    };
    const changed = await holdLeases(entry, store, onLost, log, signal);
    if (changed !== entry) journal.put(changed);
  }

  async function inTurn(cni: CniRequest, hangUp: AbortSignal): Promise<void> {
    await turns.ofRequest(cni, false, hangUp, async ended => {
      await (cni.command === 'ADD' ? runAdd(cni, ended) : runDel(cni));
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
      await Promise.all(journal.list().map(entry => turns.ofEntry(entry, () => reassertOne(entry))));
    },
  });
  judgeOwner = keeper.judgeOwner;
  const caughtUp = catchUp();
  // Whoever calls hears of it.
  caughtUp.catch(() => undefined);
  return {
    releaser,
    async call(cni, hangUp) {
      await caughtUp;
      await inTurn(cni, hangUp);
    },
  };
}

/** Parsed once: runs have few configurations, and many ADDs. */
const chains = new Map<string, AttachmentPlan['chain']>();

/** The attachments that a pod's annotation asks for; its default network takes no claims here. */
async function plansOf(
  pod: Pod,
  sources: { readonly cache: WatchCache<NetworkAttachmentDefinition>; readonly client: KubeClient },
  signal: AbortSignal,
): Promise<readonly AttachmentPlan[]> {
  const { networks } = parseNetworksAnnotation(pod.metadata.annotations?.[NETWORKS_ANNOTATION] ?? '', NAMESPACE);
  const names = assignInterfaceNames(networks, ['eth0']);
  return Promise.all(
    networks.map(async (selection, index) => {
      const found = await networkOfNad(selection, '', { confDir: '', nads: sources }, signal);
      const text = JSON.stringify(found.config.raw);
      const chain = chains.get(text) ?? parseChain(found.config, { source: found.source, lacksKind: () => false });
      chains.set(text, chain);
      return {
        network: found.config,
        nad: `${selection.namespace}/${selection.name}`,
        ifname: names[index] ?? '',
        chain,
        isDefault: false,
        asked: { ips: [] },
        capabilityArgs: {},
        devices: [],
        ...(selection.ipamClaim === undefined ? {} : { ipamClaim: selection.ipamClaim }),
      };
    }),
  );
}

let nonces = 0;

function entryOf({ cni, key, plans, pod }: AddRequest): JournalEntry {
  return {
    format: 1,
    key,
    root: cni.config.name,
    netns: '',
    nonce: String(++nonces),
    state: 'adding',
    cniVersion: cni.config.cniVersion,
    attachments: plans.map(plan => ({
      network: plan.network.name,
      ifname: plan.ifname,
      leases: [],
      segments: [],
      ...(plan.nad === undefined ? {} : { nad: plan.nad }),
    })),
    ...(pod === undefined ? {} : { pod }),
  };
}
