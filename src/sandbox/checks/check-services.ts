import { codeOf } from '#base';
import type { KubeClient } from '#kube';
import { SANDBOX_PODS, type SandboxPod, SERVICES, type Service } from '../resources.ts';
import type { Target } from './vantage.ts';

const LABEL = 'sandbox.underlane.io/check';
const PORT = 80;

/** A Service with exactly one pod behind it, so that a check knows who has to answer. */
export interface SinglePodService {
  readonly cluster: Target;
  readonly nodePort: number;
}

/** Labels the pod and makes a Service of type NodePort that selects it alone. */
export async function createSinglePodService(
  client: KubeClient,
  pod: SandboxPod,
  key: string,
  targetPort: number,
): Promise<SinglePodService> {
  const { namespace = 'default' } = pod.metadata;
  await client.mergePatch(SANDBOX_PODS, pod.metadata, {
    metadata: { uid: pod.metadata.uid, labels: { [LABEL]: key } },
  });
  const wanted: Service = {
    metadata: { name: `check-${key}`, namespace },
    spec: { type: 'NodePort', selector: { [LABEL]: key }, ports: [{ port: PORT, targetPort }] },
  };
  return serviceAddresses(await createOrGet(client, wanted));
}

async function createOrGet(client: KubeClient, service: Service): Promise<Service> {
  try {
    return await client.create(SERVICES, service);
  } catch (error) {
    if (codeOf(error) !== 'AlreadyExists') throw error;
    return await client.get(SERVICES, service.metadata);
  }
}

/** Where a Service is reached by its ClusterIP, and by its NodePort on any node. */
export function serviceAddresses({ spec }: Service): SinglePodService {
  const [port] = spec.ports ?? [];
  return { cluster: { host: spec.clusterIP ?? '', port: port?.port ?? PORT }, nodePort: port?.nodePort ?? 0 };
}
