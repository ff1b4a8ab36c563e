import { isDeepStrictEqual } from 'node:util';
import type { KubeClient } from '#kube';
import {
  ENDPOINT_SLICES,
  ENDPOINTS,
  type EndpointAddress,
  type EndpointSubset,
  type Endpoints,
  SANDBOX_PODS,
  type SandboxPod,
  SERVICES,
  type Service,
} from '../resources.ts';
import { type EndpointMember, groupEndpoints } from './endpoint-groups.ts';
import { reconcileSlices } from './endpoint-slices.ts';

/** Keeps each Service's Endpoints and EndpointSlices at the addresses of the pods that its selector names. */
export async function reconcileEndpoints(client: KubeClient): Promise<void> {
  const [services, pods, endpoints, slices] = await Promise.all([
    client.list(SERVICES),
    client.list(SANDBOX_PODS),
    client.list(ENDPOINTS),
    client.list(ENDPOINT_SLICES),
  ]);
  const selecting = services.items.filter(({ spec }) => spec.selector !== undefined);
  for (const service of selecting) {
    const subsets = endpointSubsets(service, pods.items);
    const current = endpoints.items.find(item => isSameName(item, service));
    const { name, namespace = '' } = service.metadata;
    if (current === undefined) await client.create(ENDPOINTS, { metadata: { name, namespace }, subsets });
    else if (!isDeepStrictEqual(current.subsets ?? [], subsets))
      await client.mergePatch(ENDPOINTS, current.metadata, { subsets });
  }
  for (const item of endpoints.items) {
    if (!services.items.some(service => isSameName(item, service))) await client.delete(ENDPOINTS, item.metadata);
  }
  await reconcileSlices(client, selecting, pods.items, slices.items);
}

/** Addresses of the Service's primary family: Endpoints, which slices supersede, hold no other. */
export function endpointSubsets(service: Service, pods: readonly SandboxPod[]): EndpointSubset[] {
  return groupEndpoints(service, pods, service.spec.ipFamilies?.[0] ?? 'IPv4').map(({ ports, members }) => {
    const ready = members.filter(({ isReady }) => isReady).map(endpointAddress);
    const unready = members.filter(({ isReady }) => !isReady).map(endpointAddress);
    return {
      ...(ready.length === 0 ? {} : { addresses: ready }),
      ...(unready.length === 0 ? {} : { notReadyAddresses: unready }),
      ports,
    };
  });
}

function endpointAddress({ ip, target }: EndpointMember): EndpointAddress {
  return { ip, ...target };
}

function isSameName(endpoints: Endpoints, service: Service): boolean {
  return (
    endpoints.metadata.name === service.metadata.name && endpoints.metadata.namespace === service.metadata.namespace
  );
}
