import { isDeepStrictEqual } from 'node:util';
import {
  type IPAllocation,
  isSpiderpools,
  type OwnerReference,
  type Pod,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  type SpiderEndpoint,
} from '#api';
import type { ObjectName, WatchCache } from '#kube';
import { compareMade } from '../compare-made.ts';
import type { Seen, View, ViewChange } from '../view.ts';
import { type EndpointFacts, toEndpointStatus } from './endpoint-status.ts';

/** What SpiderEndpoints are made from beside the claims. */
export interface EndpointSources {
  readonly pods: Pick<WatchCache<Pod>, 'find' | 'subscribe' | 'ready'>;
  /** What else an endpoint says of a pod, undefined when the pod is not there. @throws ApiError */
  factsOf(pod: Pod | undefined, claims: readonly IPAllocation[]): Promise<EndpointFacts>;
}

/** SpiderEndpoints: a pod's addresses of SpiderIPPools by interface. A virtual machine's is its own, whichever pod it runs in. */
export function spiderEndpointView({ pods, factsOf }: EndpointSources): View<SpiderEndpoint> {
  return {
    resource: SPIDER_ENDPOINTS,
    namesOf(claim) {
      const { pool, owner } = claim.spec;
      const isOfSpiderpool = pool.dialect === 'spiderpool' && pool.kind === SPIDER_IP_POOLS.kind;
      return isOfSpiderpool && owner.podName !== undefined ? [endpointOf(claim, owner.podName)] : [];
    },
    async compare(seen) {
      const { name, object } = seen;
      if (object !== undefined && isSpiderpools(object)) return { kind: 'foreign' };
      // A pod that is gone takes its endpoint along, though its claims may take a moment longer; the next of its name has its own.
      const claims = seen.claims.filter(
        claim => claim.spec.owner.workload !== undefined || podOf(claim, pods) !== undefined,
      );
      const [claim] = claims;
      if (claim === undefined) return compareMade(seen, undefined);
      const pod = podOf(claim, pods);
      return compareEndpoint({ name, claims, object }, pod, await factsOf(pod, claims));
    },
    ready: signal => pods.ready(signal),
    follow(touch, signal) {
      const unsubscribe = pods.subscribe(change => {
        // Claims may be known before their pod is, and stay for longer.
        if (change.type === 'relisted' || (change.type === 'put' && change.previous !== undefined)) return;
        const { name, namespace } = change.object.metadata;
        touch({ name, ...(namespace === undefined ? {} : { namespace }) });
      });
      signal.addEventListener('abort', unsubscribe, { once: true });
    },
  };
}

/** What is missing in the endpoint of a pod. */
export function compareEndpoint(
  { name, claims, object }: Seen<SpiderEndpoint>,
  pod: Pod | undefined,
  facts: EndpointFacts,
): ViewChange<SpiderEndpoint> {
  const status = toEndpointStatus(claims, facts, object?.status);
  if (status === undefined) return compareMade({ name, object }, undefined);
  const isLasting = claims.some(({ spec }) => spec.owner.workload !== undefined);
  const ownerReferences = isLasting ? [] : pod === undefined ? object?.metadata.ownerReferences : [referenceTo(pod)];
  return compareMade(
    { name, object },
    {
      create: metadata => ({ metadata: { ...metadata, ...(ownerReferences && { ownerReferences }) }, status }),
      patch(present) {
        const isOwned = isDeepStrictEqual(present.metadata.ownerReferences ?? [], ownerReferences ?? []);
        if (isOwned && isDeepStrictEqual(present.status, status)) return undefined;
        return { ...(isOwned ? {} : { metadata: { ownerReferences } }), status };
      },
    },
  );
}

function endpointOf({ spec: { owner } }: IPAllocation, podName: string): ObjectName {
  const { podNamespace: namespace = 'default', workload } = owner;
  const isMachine = workload?.kind === 'VirtualMachine' || workload?.kind === 'VirtualMachineInstance';
  return { namespace, name: isMachine ? workload.name : podName };
}

function podOf({ spec: { owner } }: IPAllocation, pods: EndpointSources['pods']): Pod | undefined {
  const { podNamespace: namespace = 'default', podName: name, podUid } = owner;
  const pod = name === undefined ? undefined : pods.find({ namespace, name });
  return pod?.metadata.uid === podUid ? pod : undefined;
}

function referenceTo({ metadata: { name, uid } }: Pod): OwnerReference {
  return { apiVersion: 'v1', kind: 'Pod', name, uid: uid ?? '' };
}
