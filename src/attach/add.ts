import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Pod } from '#api';
import { codeOf, messageOf } from '#base';
import { type CniRequest, type CniResult, emptyResult, type PluginConfig } from '#cni';
import type { Claim } from '#ipam';
import type { IpamResult } from '#plugins';
import { overlayWiring, type Wiring } from '#wiring';
import type { ChainStep } from './chain.ts';
import { execSegment, requirePrograms, runDelegate } from './delegate.ts';
import type { AttachDeps } from './deps.ts';
import { createDraft, type Draft } from './draft.ts';
import type { EntryKey, PodRef } from './entry.ts';
import { AttachError } from './errors.ts';
import { ownShared } from './journal.ts';
import { type Kernel, openKernel } from './kernel.ts';
import { giveBack, type Leased, takeLeases } from './leases.ts';
import type { AttachmentPlan } from './resolve.ts';
import { networkStatusOf, writeNetworkStatus } from './status.ts';
import { undoEntry } from './undo.ts';

export interface AddRequest {
  readonly cni: CniRequest;
  readonly key: EntryKey;
  readonly plans: readonly AttachmentPlan[];
  /** The pod that owns the addresses; without one the container does. */
  readonly pod?: PodRef;
  /** The pod as read, when its network-status is ours to write. */
  readonly statusOf?: Pod;
  /** Set on a call that a delegate of ours makes: the id of the entry it works for. */
  readonly parent?: string;
}

/**
 * Makes all attachments of a request, or none: addresses, plans, journal, kernel and status, commit.
 * See docs/design/pipeline.md.
 * @returns the default attachment's result
 * @throws the first failure, after everything that was done has been undone
 */
export async function addAttachments(request: AddRequest, deps: AttachDeps, signal: AbortSignal): Promise<CniResult> {
  const draft = createDraft(
    {
      format: 1,
      key: request.key,
      netns: netnsOf(request),
      nonce: randomBytes(8).toString('hex'),
      state: 'adding',
      cniVersion: request.cni.config.cniVersion,
      attachments: request.plans.map(plan => ({
        network: plan.network.name,
        ifname: plan.ifname,
        leases: [],
        segments: [],
        ...(plan.nad === undefined ? {} : { nad: plan.nad }),
      })),
      ...(request.pod === undefined ? {} : { pod: request.pod }),
      ...(request.parent === undefined ? {} : { parent: request.parent }),
    },
    deps.journal,
  );
  const undo: UndoList = { fresh: [], status: undefined };
  try {
    await requirePrograms(request.plans, deps.binDirs);
    const leased = await takeAll(request, draft, undo, deps, signal);
    using kernel = openKernel(deps.host, netnsOf(request));
    if (!kernel.hasPod && needsNamespace(request)) throw noNamespace(request);
    const chains = createChains(request, draft, leased, kernel, deps);
    await chains.run(signal);
    await writeStatusWhile(() => chains.flush(), request, draft, undo, deps, signal);
    signal.throwIfAborted();
    draft.put({ state: 'added' });
    return draft.entry.attachments[0]?.result ?? emptyResult;
  } catch (error) {
    await rollBack(draft, undo, request, deps, error);
    throw error;
  } finally {
    deps.hostLocal.settle(draft.entry.attachments.flatMap(attachment => attachment.leases));
  }
}

/** What a failing ADD has to take back besides the journal's entry. */
interface UndoList {
  fresh: readonly Claim[];
  /** The pod whose network-status was sent, and the text that stood there before. */
  status: { readonly pod: PodRef; readonly before: string | null } | undefined;
}

/** Addresses by attachment and by step of its chain. */
type LeasedSteps = readonly ReadonlyMap<ChainStep, Leased>[];

/** All addresses of all attachments at once: a pod's NICs are one transaction. */
async function takeAll(
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<LeasedSteps> {
  const wanted = request.plans.flatMap((plan, index) =>
    plan.chain.flatMap(step => {
      const ipam =
        step.kind === 'addresses'
          ? step.ipam
          : step.kind === 'planned' && step.ipam?.kind === 'ours'
            ? step.ipam.config
            : undefined;
      return ipam === undefined ? [] : [{ plan, index, step, ipam }];
    }),
  );
  const outcomes = await Promise.allSettled(
    wanted.map(({ plan, ipam }) =>
      takeLeases(
        {
          ipam,
          requested: plan.ips,
          source: `network "${plan.nad ?? plan.network.name}"`,
          owner: {
            network: plan.nad ?? plan.network.name,
            interface: plan.ifname,
            ...(request.pod === undefined
              ? { containerId: request.cni.containerId }
              : { podNamespace: request.pod.namespace, podName: request.pod.name, podUid: request.pod.uid }),
          },
        },
        { cluster: deps.cluster, hostLocal: deps.hostLocal },
        signal,
      ),
    ),
  );
  const steps: Map<ChainStep, Leased>[] = request.plans.map(() => new Map());
  for (const [position, { index, step }] of wanted.entries()) {
    const outcome = outcomes[position];
    if (outcome?.status !== 'fulfilled') continue;
    steps[index]?.set(step, outcome.value);
    draft.lease(index, outcome.value.leases);
    undo.fresh = [...undo.fresh, ...outcome.value.fresh];
  }
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return steps;
}

interface Chains {
  /** Plans every plugin and runs every exec'd one, in order; what is planned last waits for {@link flush}. */
  run(signal: AbortSignal): Promise<void>;
  /** Journals what is planned and makes it so, without a pause in which another request could change the facts. */
  flush(): Promise<void>;
}

function createChains(
  request: AddRequest,
  draft: Draft,
  leased: LeasedSteps,
  kernel: Kernel,
  deps: AttachDeps,
): Chains {
  let waiting: { readonly index: number; readonly plugin: string; readonly wiring: Wiring }[] = [];
  let facts = kernel.facts();

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    await kernel.settled();
    const batch = waiting;
    waiting = [];
    const owners = batch.flatMap(({ index, wiring }) => wiring.map(() => index));
    const changes = kernel.diff(
      batch.flatMap(({ wiring }) => wiring),
      ownShared(deps.journal),
    );
    // One segment an attachment: what belongs together is undone together.
    for (const index of new Set(batch.map(planned => planned.index))) {
      draft.segment(index, {
        kind: 'wiring',
        plugins: batch.flatMap(planned => (planned.index === index ? [planned.plugin] : [])),
        changes: changes.filter((_, position) => owners[position] === index),
      });
    }
    draft.put({});
    kernel.apply(changes);
  }

  async function exec(
    plan: AttachmentPlan,
    index: number,
    step: { readonly type: string; readonly config: PluginConfig; readonly role: 'plugin' | 'ipam' },
    prevResult: CniResult | undefined,
    signal: AbortSignal,
  ): Promise<CniResult> {
    await flush();
    const segment = execSegment(plan, request.cni, step, prevResult);
    draft.segment(index, segment);
    draft.put({ durable: true });
    const result = await runDelegate({ entry: draft.entry, index, segment }, 'ADD', deps, signal);
    draft.replaceLastSegment(index, { ...segment, result });
    draft.put({ durable: true });
    facts = kernel.facts();
    return result;
  }

  async function ipamOf(
    plan: AttachmentPlan,
    index: number,
    step: ChainStep & { kind: 'planned' },
    signal: AbortSignal,
  ): Promise<IpamResult | undefined> {
    if (step.ipam === undefined) return undefined;
    if (step.ipam.kind === 'ours') return leased[index]?.get(step)?.result;
    const result = await exec(
      plan,
      index,
      { type: step.ipam.type, config: step.ipam.config, role: 'ipam' },
      undefined,
      signal,
    );
    if (result.ips.length === 0) {
      throw new AttachError(
        'NO_ADDRESS',
        `Cannot attach network "${plan.network.name}": ipam plugin "${step.ipam.type}" gave no address`,
      );
    }
    return { ips: result.ips, routes: result.routes, dns: result.dns };
  }

  return {
    flush,
    async run(signal) {
      for (const [index, plan] of request.plans.entries()) {
        let result = request.cni.config.prevResult;
        for (const step of plan.chain) {
          signal.throwIfAborted();
          if (step.kind === 'exec') {
            result = await exec(
              plan,
              index,
              { type: step.config.type, config: step.config, role: 'plugin' },
              result,
              signal,
            );
          } else if (step.kind === 'addresses') {
            const given = leased[index]?.get(step)?.result;
            result = { ...emptyResult, ips: given?.ips ?? [], routes: given?.routes ?? [], dns: given?.dns ?? {} };
          } else {
            if (step.plugin.isChained && result === undefined) throw notChained(plan, step.plugin.type);
            const ipam = await ipamOf(plan, index, step, signal);
            const planned = step.plugin.plan({
              config: step.config,
              attachment: {
                containerId: request.cni.containerId,
                ifname: plan.ifname,
                netns: netnsOf(request),
                nonce: draft.entry.nonce,
                ...(plan.mac === undefined ? {} : { mac: plan.mac }),
              },
              facts,
              ...(ipam === undefined ? {} : { ipam }),
              ...(result === undefined ? {} : { prevResult: result }),
            });
            waiting.push({ index, plugin: step.plugin.type, wiring: planned.wiring });
            facts = overlayWiring(facts, planned.wiring);
            result = planned.result;
          }
        }
        draft.result(index, result ?? emptyResult);
      }
    },
  };
}

function notChained(plan: AttachmentPlan, type: string): AttachError {
  return new AttachError(
    'NOT_CHAINED',
    `Cannot attach network "${plan.nad ?? plan.network.name}": plugin "${type}" stands first, expected it behind a plugin that makes the interface`,
  );
}

/**
 * Sends the network-status while the kernel works. The results are known once everything is planned, so the patch's
 * journey to the API server costs the ADD nothing.
 */
async function writeStatusWhile(
  flush: () => Promise<void>,
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<void> {
  const { statusOf, pod } = request;
  if (statusOf === undefined || pod === undefined || deps.api === undefined) return flush();
  const patch = writeNetworkStatus(deps.api.client, pod, networkStatusOf(draft.entry.attachments), signal);
  undo.status = { pod, before: statusOf.metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'] ?? null };
  // A rejection is looked at below; until then it must not count as unhandled.
  patch.catch(() => undefined);
  await nextTurn();
  // Both come to their end before an undo may begin.
  const outcomes = await Promise.allSettled([flush(), patch]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function rollBack(
  draft: Draft,
  undo: UndoList,
  request: AddRequest,
  deps: AttachDeps,
  cause: unknown,
): Promise<void> {
  const log = deps.log.child({ containerId: request.cni.containerId, pod: podText(request.pod) });
  log.warn({ code: codeOf(cause), error: messageOf(cause) }, 'ADD failed; undoing it');
  const steps: readonly (() => Promise<void>)[] = [
    async () => {
      await undoEntry(draft.entry, deps, AbortSignal.timeout(deps.deadlines.delMs));
      // Addresses only after the links that carried them are gone.
      if (deps.cluster !== undefined) await giveBack(undo.fresh, deps.cluster);
      deps.journal.remove(draft.entry.key);
    },
    async () => {
      if (undo.status === undefined || deps.api === undefined) return;
      await writeNetworkStatus(deps.api.client, undo.status.pod, undo.status.before, AbortSignal.timeout(5_000));
    },
  ];
  for (const step of steps) {
    await step().catch(error =>
      log.error({ error: messageOf(error) }, 'Cannot undo a part of a failed ADD; DEL or the next start will'),
    );
  }
}

/** An IPAM plugin called by its own name gives addresses and touches nothing. */
function needsNamespace(request: AddRequest): boolean {
  return request.plans.some(plan => plan.chain.some(step => step.kind !== 'addresses'));
}

function noNamespace(request: AddRequest): AttachError {
  return new AttachError(
    'NETNS_MISSING',
    `Cannot attach container "${request.cni.containerId}": CNI_NETNS is "${request.cni.netns}", expected a network namespace other than the node's own`,
  );
}

/** parseRequest lets no ADD through without. */
function netnsOf(request: AddRequest): string {
  return request.cni.netns ?? '';
}

function podText(pod: PodRef | undefined): string | undefined {
  return pod === undefined ? undefined : `${pod.namespace}/${pod.name}`;
}
