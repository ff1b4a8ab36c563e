import type { Pod } from './core.ts';

/** What is read of a pod; the rest of it would only fill memory. */
export function trimPod(pod: Pod): Pod {
  const { name, namespace, uid, resourceVersion, annotations, deletionTimestamp, labels, ownerReferences } =
    pod.metadata;
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
      ...(ownerReferences === undefined ? {} : { ownerReferences }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    },
    spec: {
      ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
      ...(pod.spec.hostNetwork === true ? { hostNetwork: true } : {}),
    },
    ...(pod.status?.phase === undefined ? {} : { status: { phase: pod.status.phase } }),
  };
}
