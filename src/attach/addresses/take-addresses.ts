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
import { type Leased, type LeaseRequest, takeLeases } from './leases.ts';

/** Addresses by attachment and by step of its chain. */
export type LeasedSteps = readonly ReadonlyMap<ChainStep, Leased>[];

/** All addresses of all attachments at once: a pod's NICs are one transaction. @throws the first failure, with the others noted for the undo */
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
  const outcomes = await Promise.allSettled(wanted.map(({ plan, ipam }) => take(request, plan, ipam, deps, signal)));
  const steps: Map<ChainStep, Leased>[] = request.plans.map(() => new Map());
  for (const [position, { index, step, ipam }] of wanted.entries()) {
    const outcome = outcomes[position];
    if (outcome?.status === 'rejected') tellDialect(request, ipam, outcome.reason, deps);
    if (outcome?.status !== 'fulfilled') continue;
    steps[index]?.set(step, outcome.value);
    draft.lease(index, outcome.value.leases);
    undo.fresh = [...undo.fresh, ...outcome.value.fresh];
  }
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return steps;
}

/** Beside our own Event of an ADD that failed, where it is asked for by its name. */
function tellDialect({ pod }: AddRequest, ipam: IpamConfig, error: unknown, { api }: AttachDeps): void {
  const event = failureEvent(ipam, error);
  if (pod !== undefined && event !== undefined) api?.events.record(pod, 'Warning', event.reason, event.message);
}

function take(
  request: AddRequest,
  plan: AttachmentPlan,
  ipam: IpamConfig,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<Leased> {
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
    return takeLeases(lease, { cluster: deps.cluster, hostLocal: deps.hostLocal }, signal);
  }
  const networks = [...new Set([plan.network.name, network, network.split('/')[1] ?? network])];
  return takeKeptLeases(lease, { name: plan.ipamClaim, pod, networks }, deps, signal);
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
