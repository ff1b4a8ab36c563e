import { asksPod, failureEvent, type IpamConfig, type PodInterface, type WishContext } from '#ipam';
import { PIPELINE_NAMES } from '#networks';
import type { AddRequest } from '../add/add-request.ts';
import type { Draft } from '../add/draft.ts';
import type { UndoList } from '../add/roll-back.ts';
import type { AttachDeps } from '../deps.ts';
import { masterAddresses } from '../master-addresses.ts';
import { askedAttachments, askedInterfaces } from '../resolve/asked-attachments.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';
import { type ChainStep, ipamOf } from '../resolve/chain.ts';
import { refuseSharedClaims, takeKeptLeases } from './kept-addresses.ts';
import { findLeases, type Leased, type LeaseRequest, type Take } from './leases.ts';

/** Addresses by attachment and by step of its chain. */
export type LeasedSteps = readonly ReadonlyMap<ChainStep, Leased>[];

/**
 * All addresses of all attachments at once: a pod's NICs are one transaction. What one cannot have at all keeps the others from
 * being taken, too: a pod that is tried again and again would take them from others each time.
 * @throws the first failure, with what was taken noted for the undo
 */
export async function takeAddresses(
  request: AddRequest,
  draft: Draft,
  undo: UndoList,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<LeasedSteps> {
  refuseSharedClaims(request.plans);
  const wanted = request.plans.flatMap((plan, index) =>
    plan.chain.flatMap(step => {
      const ipam = ipamOf(step);
      return ipam === undefined ? [] : [{ plan, index, step, ipam }];
    }),
  );
  const found = await Promise.allSettled(wanted.map(({ plan, ipam }) => find(request, plan, ipam, deps, signal)));
  const takes = allOf(found, request, wanted, deps);
  const taken = await Promise.allSettled(takes.map(take => take()));
  const steps: Map<ChainStep, Leased>[] = request.plans.map(() => new Map());
  for (const [position, { index, step }] of wanted.entries()) {
    const outcome = taken[position];
    if (outcome?.status !== 'fulfilled') continue;
    steps[index]?.set(step, outcome.value);
    draft.lease(index, outcome.value.leases);
    undo.fresh = [...undo.fresh, ...outcome.value.fresh];
  }
  allOf(taken, request, wanted, deps);
  return steps;
}

/** What all have come to. @throws the first failure, when every one has been told of */
function allOf<T>(
  outcomes: readonly PromiseSettledResult<T>[],
  request: AddRequest,
  wanted: readonly { readonly ipam: IpamConfig }[],
  deps: AttachDeps,
): readonly T[] {
  for (const [position, { ipam }] of wanted.entries()) {
    const outcome = outcomes[position];
    if (outcome?.status === 'rejected') tellDialect(request, ipam, outcome.reason, deps);
  }
  return outcomes.map(outcome => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  });
}

/** Beside our own Event of an ADD that failed, where it is asked for by its name. */
function tellDialect({ pod }: AddRequest, ipam: IpamConfig, error: unknown, { api }: AttachDeps): void {
  const event = failureEvent(ipam, error);
  if (pod !== undefined && event !== undefined) api?.events.record(pod, 'Warning', event.reason, event.message);
}

async function find(
  request: AddRequest,
  plan: AttachmentPlan,
  ipam: IpamConfig,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<Take> {
  const { pod, cni } = request;
  const network = plan.nad ?? plan.network.name;
  const lease: LeaseRequest = {
    ipam,
    owner: {
      network,
      interface: plan.ifname,
      ...(pod === undefined
        ? { containerId: cni.containerId }
        : { podNamespace: pod.namespace, podName: pod.name, podUid: pod.uid }),
    },
    context: {
      ...(request.podObject === undefined ? {} : { pod: request.podObject }),
      node: deps.nodeName,
      ...interfacesOf(request, plan, ipam),
      isDefault: plan.isDefault,
      asked: plan.asked,
      source: `network "${network}"`,
      masterAddresses: () => masterAddresses(plan, deps.host),
      ...(request.aside === undefined ? {} : { aside: request.aside }),
    },
  };
  if (plan.ipamClaim === undefined) {
    return findLeases(lease, { cluster: deps.cluster, hostLocal: deps.hostLocal }, signal);
  }
  const networks = [...new Set([plan.network.name, network, network.split('/')[1] ?? network])];
  const { ipamClaim: name } = plan;
  return () => takeKeptLeases(lease, { name, pod, networks }, deps, signal);
}

function interfaceOf({ ifname, nad }: AttachmentPlan): PodInterface {
  return { name: ifname, ...(nad === undefined ? {} : { nad }) };
}

/** A plugin that is called by its own name knows of one interface: what the others are the pod's annotations say. */
function interfacesOf(
  { cni, plans, podObject, siblings = [] }: AddRequest,
  plan: AttachmentPlan,
  ipam: IpamConfig,
): Pick<WishContext, 'interface' | 'interfaces'> {
  if (asksPod(ipam) && !PIPELINE_NAMES.has(cni.plugin) && podObject !== undefined) {
    const interfaces = askedInterfaces(askedAttachments(podObject));
    const own = interfaces.find(({ name }) => name === plan.ifname);
    if (own !== undefined) return { interface: own, interfaces };
  }
  const own = plans.filter(({ isAuxiliary }) => isAuxiliary !== true).map(interfaceOf);
  return { interface: interfaceOf(plan), interfaces: [...siblings, ...own] };
}
