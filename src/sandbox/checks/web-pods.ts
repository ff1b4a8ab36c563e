import type { KubeClient } from '#kube';
import { containerPorts } from '../node/containers.ts';
import { type SandboxPod, SERVICES } from '../resources.ts';
import type { Topology } from '../topology.ts';
import { checkFailed } from './check.ts';
import { createSinglePodService, type ServicePlace, servicePlace } from './check-services.ts';

/** The examples' macvlan pods: all, and three that the checks name: `a` and `b` on the first node, `c` on the second. */
export interface WebPods {
  readonly web: readonly SandboxPod[];
  readonly a: SandboxPod;
  readonly b: SandboxPod;
  readonly c: SandboxPod;
}

/** The example's own Service, and one in front of each named pod alone. */
export interface WebServices {
  readonly web: ServicePlace;
  readonly a: ServicePlace;
  readonly b: ServicePlace;
  readonly c: ServicePlace;
}

/** The same ones whenever the pods come in the same order. @throws SandboxError CHECK_FAILED when there are too few */
export function pickWebPods({ nodes: [n1, n2] }: Topology, pods: readonly SandboxPod[]): WebPods {
  const web = pods.filter(pod => pod.metadata.labels?.['app'] === 'web');
  const [a, b] = web.filter(pod => pod.spec.nodeName === n1?.name);
  const [c] = web.filter(pod => pod.spec.nodeName === n2?.name);
  if (a === undefined || b === undefined || c === undefined)
    throw checkFailed(`Deployment "web" has ${web.length} pods, expected two on the first node and one on the second`);
  return { web, a, b, c };
}

/** Makes the Services that the checks need; they may be there long before their pods are Ready. @throws ApiError */
export async function createWebServices(client: KubeClient, { a, b, c }: WebPods): Promise<WebServices> {
  const create = (pod: SandboxPod, key: string): Promise<ServicePlace> =>
    createSinglePodService(client, pod, key, containerPorts(pod)[0] ?? 0);
  const [web, toA, toB, toC] = await Promise.all([
    client.get(SERVICES, { namespace: 'default', name: 'web' }).then(servicePlace),
    create(a, 'a'),
    create(b, 'b'),
    create(c, 'c'),
  ]);
  return { web, a: toA, b: toB, c: toC };
}
