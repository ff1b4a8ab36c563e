import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { type Family, familyOf } from '../family.ts';
import { SANDBOX_PODS, type SandboxPod, SERVICES, type Service } from '../resources.ts';
import type { Target } from './vantage.ts';

const LABEL = 'sandbox.underlane.io/check';
const PORT = 80;

/** Where a Service is reached. */
export interface ServicePlace {
  /** By its ClusterIP of that family. */
  readonly cluster: (family: Family) => Target;
  /** On any address of any node. */
  readonly nodePort: number;
}

/** Labels the pod and makes a Service of type NodePort that selects it alone, so that a check knows who has to answer. */
export async function createSinglePodService(
  client: KubeClient,
  pod: SandboxPod,
  key: string,
  targetPort: number,
): Promise<ServicePlace> {
  const { namespace = 'default' } = pod.metadata;
  await client.mergePatch(SANDBOX_PODS, pod.metadata, {
    metadata: { uid: pod.metadata.uid, labels: { [LABEL]: key } },
  });
  const wanted: Service = {
    metadata: { name: `check-${key}`, namespace },
    spec: {
      type: 'NodePort',
      ipFamilyPolicy: 'PreferDualStack',
      selector: { [LABEL]: key },
      ports: [{ port: PORT, targetPort }],
    },
  };
  return servicePlace(await createOrGet(client, wanted));
}

async function createOrGet(client: KubeClient, service: Service): Promise<Service> {
  try {
    return await client.create(SERVICES, service);
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
    return await client.get(SERVICES, service.metadata);
  }
}

export function servicePlace({ spec }: Service): ServicePlace {
  const [port] = spec.ports ?? [];
  return {
    cluster: family => ({
      host: spec.clusterIPs?.find(address => familyOf(address) === family) ?? '',
      port: port?.port ?? PORT,
    }),
    nodePort: port?.nodePort ?? 0,
  };
}
