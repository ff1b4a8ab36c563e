/** What a run's people make in the API server, at once and without trouble: trouble is for those who take part. */
import { type KubeObject, PODS, type Pod, type Resource, stateOf } from '#api';
import { resourcePath } from '../../../src/kube/resource-path.ts';
import type { Api } from './api.ts';

export interface ClusterObjects {
  list<T extends KubeObject>(resource: Resource<T>): readonly T[];
  find<T extends KubeObject>(resource: Resource<T>, name: string): T | undefined;
  create<T extends KubeObject>(resource: Resource<T>, object: T): void;
  patch(resource: Resource, name: string, body: unknown, subresource?: 'status'): void;
  delete(
    resource: Resource,
    name: string,
    options?: { readonly gracePeriodSeconds?: number; readonly uid?: string },
  ): void;
  bind(pod: string, node: string): void;
  /** The pod of this uid, whatever is left of it. */
  podOf(uid: string): Pod | undefined;
  isLive(uid: string): boolean;
}

export const NAMESPACE = 'default';

export function clusterObjects(api: Api): ClusterObjects {
  const at = (resource: Resource, name?: string): { namespace?: string; name?: string } => ({
    ...(resource.isNamespaced ? { namespace: NAMESPACE } : {}),
    ...(name === undefined ? {} : { name }),
  });
  const storageOf = ({ group, plural }: Resource): string => `${group}/${plural}`;
  const namespaceOf = ({ isNamespaced }: Resource): string | undefined => (isNamespaced ? NAMESPACE : undefined);
  const podOf = (uid: string): Pod | undefined => objects.list(PODS).find(({ metadata }) => metadata.uid === uid);
  const objects: ClusterObjects = {
    // The server made them by the resource's schema.
    list: <T extends KubeObject>(resource: Resource<T>) =>
      api.store.list(storageOf(resource)) as unknown as readonly T[],
    find: <T extends KubeObject>(resource: Resource<T>, name: string) =>
      api.store.find(storageOf(resource), namespaceOf(resource), name) as unknown as T | undefined,
    create(resource, object) {
      api.request({ what: 'create', method: 'POST', path: resourcePath(resource, at(resource)), body: object });
    },
    patch(resource, name, body, subresource) {
      const path = resourcePath(resource, { ...at(resource, name), subresource });
      api.request({ what: 'patch', method: 'PATCH', path, body, contentType: 'application/merge-patch+json' });
    },
    delete(resource, name, { gracePeriodSeconds, uid } = {}) {
      const body = { gracePeriodSeconds, ...(uid === undefined ? {} : { preconditions: { uid } }) };
      api.request({ what: 'delete', method: 'DELETE', path: resourcePath(resource, at(resource, name)), body });
    },
    bind(pod, node) {
      const path = resourcePath(PODS, { ...at(PODS, pod), subresource: 'binding' });
      api.request({ what: 'bind', method: 'POST', path, body: { target: { kind: 'Node', name: node } } });
    },
    podOf,
    isLive(uid) {
      const pod = podOf(uid);
      return pod !== undefined && stateOf(pod) === 'live';
    },
  };
  return objects;
}
