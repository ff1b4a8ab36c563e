import type { Pod } from './core.ts';
import { trimMeta } from './trim-meta.ts';

/** What is read of a pod; the rest of it would only fill memory. */
export function trimPod(pod: Pod): Pod {
  const { annotations, labels } = pod.metadata;
  return {
    metadata: {
      ...trimMeta(pod.metadata),
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      ...(pod.spec.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
      ...(pod.spec.hostNetwork === true ? { hostNetwork: true } : {}),
    },
    ...(pod.status?.phase === undefined ? {} : { status: { phase: pod.status.phase } }),
  };
}
