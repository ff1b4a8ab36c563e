import { type CniResult, emptyResult, type PluginConfig } from '#cni';
import { type IpamResult, PlanError } from '#plugins';
import { overlayWiring, type Wiring, type WiringItem } from '#wiring';
import type { LeasedSteps } from '../addresses/take-addresses.ts';
import { execSegment, runDelegate } from '../delegate.ts';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import type { Kernel } from '../kernel.ts';
import { type ProbedAddress, probedOf } from '../neighbours/probed-address.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';
import type { ChainStep } from '../resolve/chain.ts';
import { type AddRequest, netnsOf } from './add-request.ts';
import { moveDefaultRoutes } from './default-routes.ts';
import type { Draft } from './draft.ts';
import type { PlannedWiring } from './planned-wiring.ts';
import { refuseHeldDevices } from './refuse-held-devices.ts';

/** The plugins of all of a request's attachments, at work. */
export interface Chains {
  /** Plans every plugin and runs every exec'd one, in order; what is planned last waits for {@link flush}. */
  run(signal: AbortSignal): Promise<void>;
  /**
   * Journals what is planned and makes it so, without a pause in which another request could change the facts; with one before
   * the pod's own addresses where the network is asked about some.
   */
  flush(signal: AbortSignal): Promise<void>;
}

/** The chains of a request, with the facts of this moment as what the first plugin plans on. */
export function createChains(
  request: AddRequest,
  draft: Draft,
  leased: LeasedSteps,
  kernel: Kernel,
  deps: AttachDeps,
): Chains {
  let waiting: PlannedWiring[] = [];
  let facts = kernel.facts();
  /** What the kernel need not show although it was planned: a later plugin must find it all the same. */
  const yielding: WiringItem[] = [];

  async function flush(signal: AbortSignal): Promise<void> {
    const batch = waiting;
    waiting = [];
    if (batch.every(({ probed = [] }) => probed.length === 0)) return make(batch);
    const { wireProbed } = await import('../neighbours/wire-probed.ts');
    const { onNeighbour = () => undefined, log } = deps;
    await wireProbed(batch, { kernel, hostNs: deps.host.ns, make, onNeighbour, log }, signal);
  }

  async function make(batch: readonly PlannedWiring[]): Promise<void> {
    if (batch.length === 0) return;
    await kernel.settled(request.cni);
    const owners = batch.flatMap(({ index, wiring }) => wiring.map(() => index));
    const changes = kernel.diff(
      batch.flatMap(({ wiring }) => wiring),
      deps.journal.holdings.ownShared,
    );
    // One segment an attachment: what belongs together is undone together.
    const indexes = [...new Set(batch.map(planned => planned.index))];
    draft.intend(
      indexes.map(index => ({
        index,
        segment: {
          kind: 'wiring',
          plugins: batch.flatMap(planned => (planned.index === index ? [planned.plugin] : [])),
          changes: changes.filter((_, position) => owners[position] === index),
        },
      })),
    );
    kernel.apply(changes);
  }

  async function exec(
    plan: AttachmentPlan,
    index: number,
    step: { readonly type: string; readonly config: PluginConfig; readonly role: 'plugin' | 'ipam' },
    prevResult: CniResult | undefined,
    signal: AbortSignal,
  ): Promise<CniResult> {
    await flush(signal);
    const segment = execSegment(plan, request.cni, step, prevResult);
    draft.intend([{ index, segment }]);
    const result = await runDelegate({ entry: draft.entry, index, segment }, 'ADD', deps, signal);
    draft.conclude(index, { ...segment, result });
    facts = overlayWiring(kernel.facts(), yielding);
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

  function probedAt(index: number, step: ChainStep): readonly ProbedAddress[] {
    const [plan, given] = [request.plans[index], leased[index]?.get(step)];
    return plan === undefined || given === undefined
      ? []
      : probedOf(given.addresses, plan, request.cni.containerId, deps);
  }

  /** Whoever asks for addresses by their plugin's own name has made the link, and mostly not yet set it up. */
  function raise(name: string): Wiring {
    const isThere = facts.pod.links.some(link => link.name === name && !link.isUp);
    return isThere ? [{ kind: 'link', place: 'pod', name, link: { type: 'existing' }, isUp: true }] : [];
  }

  /** Last of all, when every chain has made its routes. */
  function placeDefaultRoutes(): void {
    const wanted = wantedDefaultRoutes(request.plans, leased);
    if (wanted.every(defaultRoute => defaultRoute === undefined)) return;
    const { wirings, results } = moveDefaultRoutes(
      request.plans.map((plan, index) => ({
        network: plan.nad ?? plan.network.name,
        ifname: plan.ifname,
        result: draft.entry.attachments[index]?.result ?? emptyResult,
        ...(wanted[index] === undefined ? {} : { defaultRoute: wanted[index] }),
      })),
      facts.pod.routes,
    );
    for (const [index, wiring] of wirings.entries()) {
      if (wiring.length > 0) waiting.push({ index, plugin: 'default-route', wiring });
    }
    for (const [index, result] of results.entries()) draft.result(index, result);
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
            const probed = probedAt(index, step);
            if (probed.length > 0)
              waiting.push({ index, plugin: step.ipam.dialect, wiring: raise(plan.ifname), probed });
            result = { ...emptyResult, ips: given?.ips ?? [], routes: given?.routes ?? [], dns: given?.dns ?? {} };
          } else {
            if (step.plugin.isChained && result === undefined) throw notChained(plan, step.plugin.type);
            const ipam = await ipamOf(plan, index, step, signal);
            const devices = step.plugin.devices?.(step.config) ?? [];
            refuseHeldDevices(devices, request, deps.journal);
            const planned = inNetwork(plan, () =>
              step.plugin.plan({
                config: step.config,
                attachment: {
                  containerId: request.cni.containerId,
                  ifname: plan.ifname,
                  netns: netnsOf(request),
                  nonce: draft.entry.nonce,
                  ...(plan.mac === undefined ? {} : { mac: plan.mac }),
                },
                facts: devices.length === 0 ? facts : kernel.withDevices(facts, devices),
                ...(ipam === undefined ? {} : { ipam }),
                ...(result === undefined ? {} : { prevResult: result }),
              }),
            );
            const { wiring } = planned;
            waiting.push({ index, plugin: step.plugin.type, wiring, probed: probedAt(index, step) });
            facts = overlayWiring(facts, wiring);
            yielding.push(...wiring.filter(mayYield));
            result = planned.result;
          }
        }
        draft.result(index, result ?? emptyResult);
      }
      placeDefaultRoutes();
    },
  };
}

/** As the pod's annotation says, by attachment; where it says nothing of any, as the dialects of their addresses do. */
function wantedDefaultRoutes(
  plans: readonly AttachmentPlan[],
  leased: LeasedSteps,
): readonly (readonly string[] | undefined)[] {
  const asked = plans.map(({ defaultRoute }) => defaultRoute);
  if (asked.some(defaultRoute => defaultRoute !== undefined)) return asked;
  const takes = (index: number): boolean =>
    [...(leased[index]?.values() ?? [])].some(({ takesDefaultRoute }) => takesDefaultRoute === true);
  return plans.map((_, index) => (takes(index) ? [] : undefined));
}

/** Routes that give way to others, and what takes one of those away again. */
function mayYield(item: WiringItem): boolean {
  return (item.kind === 'route' && item.yields === true) || (item.kind === 'absent' && item.what.kind === 'route');
}

/** A plugin does not know in which of a pod's networks it stands; an operator needs to. */
function inNetwork<T>({ nad, network }: AttachmentPlan, plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    const { code, details, retriable } = error;
    const why = error.message.replace(/^Cannot/, 'cannot');
    throw new PlanError(code, `Cannot attach network "${nad ?? network.name}": ${why}`, {
      cause: error,
      details,
      retriable,
    });
  }
}

function notChained(plan: AttachmentPlan, type: string): AttachError {
  return new AttachError(
    'NOT_CHAINED',
    `Cannot attach network "${plan.nad ?? plan.network.name}": plugin "${type}" stands first, expected it behind a plugin that makes the interface`,
  );
}
