import { type Pod, stateOf } from '#api';
import type { Attacher } from '#attach';
import { codeOf, type Log, messageOf } from '#base';
import type { WatchCache } from '#kube';
import type { RetryLoop } from './retry-loop.ts';

/** Counted under this name. */
export const NETWORK_CHANGE = 'network_change';

/** `"false"` on a pod: its interfaces stay those that it started with. */
export const HOT_PLUG_ANNOTATION = 'underlane.io/hot-plug';
const NETWORKS_ANNOTATION = 'k8s.v1.cni.cncf.io/networks';

export interface HotPlug {
  /** Looks at a pod (its uid) again: its ADD has ended. */
  look(uid: string): void;
  stop(): void;
}

export interface HotPlugOptions {
  /** Pods of this node. */
  readonly pods: WatchCache<Pod>;
  readonly attacher: Pick<Attacher, 'changeNetworks'>;
  /** Takes what could not be done. */
  readonly retries: Pick<RetryLoop, 'add'>;
  readonly log: Log;
}

/**
 * Follows the networks annotations of running pods: whoever changes one gets interfaces attached and detached. Also what was
 * changed while no agent ran is seen, at the first list.
 */
export function followNetworks({ pods, attacher, retries, log }: HotPlugOptions): HotPlug {
  /** By uid: the annotation that the pod's interfaces are known to follow. */
  const followed = new Map<string, string>();

  async function follow(pod: Pod): Promise<void> {
    const { name, namespace = '', uid = '' } = pod.metadata;
    const text = pod.metadata.annotations?.[NETWORKS_ANNOTATION] ?? '';
    if (await attacher.changeNetworks({ name, namespace, uid })) followed.set(uid, text);
  }

  function consider(pod: Pod): void {
    const { annotations = {}, name, namespace = '', uid = '' } = pod.metadata;
    if (followed.get(uid) === (annotations[NETWORKS_ANNOTATION] ?? '')) return;
    followed.delete(uid);
    if (!mayChange(pod)) return;
    follow(pod).catch((error: unknown) => {
      if (codeOf(error) === 'CANCELLED') return;
      log.warn({ pod: `${namespace}/${name}`, error: messageOf(error) }, "Cannot follow the pod's networks annotation");
      retries.add(
        {
          id: `${namespace}/${name}/${uid}`,
          kind: NETWORK_CHANGE,
          cure: "Correct the pod's networks annotation, or what the error names",
          async run() {
            const current = pods.find({ namespace, name });
            if (current?.metadata.uid === uid && mayChange(current)) await follow(current);
          },
        },
        error,
      );
    });
  }

  const stop = pods.subscribe(change => {
    if (change.type === 'relisted') for (const pod of pods.list()) consider(pod);
    else if (change.type === 'deleted') followed.delete(change.object.metadata.uid ?? '');
    else consider(change.object);
  });
  return {
    look(uid) {
      const pod = pods.list().find(({ metadata }) => metadata.uid === uid);
      if (pod === undefined) return;
      followed.delete(uid);
      consider(pod);
    },
    stop,
  };
}

function mayChange(pod: Pod): boolean {
  return stateOf(pod) === 'live' && pod.metadata.annotations?.[HOT_PLUG_ANNOTATION] !== 'false';
}
