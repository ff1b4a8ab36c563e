import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { controllerReference } from '#api';
import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import {
  ENDPOINT_SLICES,
  type EndpointSlice,
  type SandboxPod,
  SERVICE_NAME_LABEL,
  SERVICES,
  type Service,
} from '../resources.ts';
import { groupEndpoints } from './endpoint-groups.ts';

/** Slices with another manager are somebody else's. */
const MANAGED_BY = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.sandbox' };

/** Makes the slices be those of these Services. */
export async function reconcileSlices(
  client: KubeClient,
  services: readonly Service[],
  pods: readonly SandboxPod[],
  current: readonly EndpointSlice[],
): Promise<void> {
  const wanted = services.flatMap(service => endpointSlices(service, pods));
  const find = (slices: readonly EndpointSlice[], { metadata }: EndpointSlice): EndpointSlice | undefined =>
    slices.find(other => other.metadata.namespace === metadata.namespace && other.metadata.name === metadata.name);
  for (const slice of wanted) {
    const { endpoints, metadata } = slice;
    const present = find(current, slice);
    if (present === undefined) await client.create(ENDPOINT_SLICES, slice);
    else if (!isDeepStrictEqual(present.endpoints, endpoints))
      await client.mergePatch(ENDPOINT_SLICES, metadata, { endpoints });
  }
  for (const slice of current) {
    const isOurs = Object.entries(MANAGED_BY).every(([key, value]) => slice.metadata.labels?.[key] === value);
    if (isOurs && find(wanted, slice) === undefined) await deleteSlice(client, slice);
  }
}

/** Whoever collects what deleted owners leave may have been faster. */
async function deleteSlice(client: KubeClient, { metadata }: EndpointSlice): Promise<void> {
  try {
    await client.delete(ENDPOINT_SLICES, metadata);
  } catch (error) {
    if (codeOf(error) !== 'NotFound') throw error;
  }
}

/** The addresses behind a Service: a slice for each of its families, and for each set of port numbers. */
export function endpointSlices(service: Service, pods: readonly SandboxPod[]): EndpointSlice[] {
  const { name, namespace = '', uid = '' } = service.metadata;
  return (service.spec.ipFamilies ?? ['IPv4']).flatMap(addressType =>
    groupEndpoints(service, pods, addressType).map(({ ports, members }) => {
      const hash = createHash('sha256')
        .update(JSON.stringify([uid, addressType, ports]))
        .digest('hex')
        .slice(0, 5);
      return {
        metadata: {
          name: `${name}-${hash}`,
          namespace,
          labels: { ...MANAGED_BY, [SERVICE_NAME_LABEL]: name },
          ownerReferences: [controllerReference(SERVICES, service)],
        },
        addressType,
        endpoints: members.map(({ ip, isReady, target }) => ({
          addresses: [ip],
          conditions: { ready: isReady },
          ...target,
        })),
        ports,
      };
    }),
  );
}
