import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import { listAt, objectOr, textAt, valueAt } from './json.ts';
import type { ServedResource } from './served-resource.ts';
import { badRequest, conflict } from './status-error.ts';

/** The pod that a Binding makes of a pod: scheduled to the target node. What a scheduler sends. */
export function bindPod(resource: ServedResource, pod: ApiObject, binding: JsonObject): ApiObject {
  const node = textAt(binding, 'target.name');
  if (node === '') throw badRequest('target.name must name a node');
  const uid = textAt(binding, 'metadata.uid');
  const { name } = pod.metadata;
  if (uid !== '' && uid !== pod.metadata.uid)
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${pod.metadata.uid}`,
    );
  const current = textAt(pod, 'spec.nodeName');
  if (current !== '') throw conflict(resource, name, `pod ${name} is already assigned to node "${current}"`);
  if (pod.metadata.deletionTimestamp !== undefined)
    throw conflict(resource, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  const scheduled = {
    type: 'PodScheduled',
    status: 'True',
    lastProbeTime: null,
    lastTransitionTime: `${new Date().toISOString().slice(0, 19)}Z`,
  };
  const others = listAt(pod, 'status.conditions').filter(condition => textAt(condition, 'type') !== 'PodScheduled');
  return {
    ...pod,
    spec: { ...objectOr(pod['spec']), nodeName: node },
    status: { ...objectOr(pod['status']), conditions: [...others, scheduled] },
  };
}

/** The `Scale` view of a Deployment or ReplicaSet. */
export function toScale(object: ApiObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const labels = Object.entries(objectOr(valueAt(object, 'spec.selector.matchLabels'))).map(
    ([key, value]) => `${key}=${String(value)}`,
  );
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: Number(valueAt(object, 'spec.replicas') ?? 1) },
    status: { replicas: Number(valueAt(object, 'status.replicas') ?? 0), selector: labels.join(',') },
  };
}

/** The object with a Scale's number of replicas. */
export function withScale(object: ApiObject, scale: unknown): JsonObject {
  const replicas = valueAt(scale, 'spec.replicas') ?? 0;
  const resourceVersion = textAt(scale, 'metadata.resourceVersion') || object.metadata.resourceVersion;
  return {
    ...object,
    metadata: { ...object.metadata, resourceVersion },
    spec: { ...objectOr(object['spec']), replicas },
  };
}
