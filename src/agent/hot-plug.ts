import { type Pod, stateOf } from '#api';
import type { Attacher } from '#attach';
import { codeOf, type Log, messageOf } from '#base';
import type { WatchCache } from '#kube';
import { NETWORKS_ANNOTATION } from '#networks';
import type { RetryLoop } from './retry-loop.ts';

/** Counted under this name. */
export const NETWORK_CHANGE = 'network_change';

/** `"false"` on a pod: its interfaces stay those that it started with. */
export const HOT_PLUG_ANNOTATION = 'underlane.io/hot-plug';

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
  /** By uid: the annotation that is being followed, or tried again until it is: nothing else needs to be done about it. */
  const trying = new Map<string, string>();

  async function follow(pod: Pod): Promise<void> {
    const { name, namespace = '', uid = '' } = pod.metadata;
    const text = textOf(pod);
    if (await attacher.changeNetworks({ name, namespace, uid })) followed.set(uid, text);
  }

  async function tryNow(pod: Pod): Promise<void> {
    const { name, namespace = '', uid = '' } = pod.metadata;
    const text = textOf(pod);
    trying.set(uid, text);
    try {
      await follow(pod);
    } catch (error) {
      if (codeOf(error) !== 'CANCELLED') {
        log.warn(
          { pod: `${namespace}/${name}`, error: messageOf(error) },
          "Cannot follow the pod's networks annotation",
        );
        tryLater(pod, error);
        return;
      }
    }
    if (trying.get(uid) === text) trying.delete(uid);
  }

  function tryLater({ metadata: { name, namespace = '', uid = '' } }: Pod, error: unknown): void {
    retries.add(
      {
        id: `${namespace}/${name}/${uid}`,
        kind: NETWORK_CHANGE,
        cure: "Correct the pod's networks annotation, or what the error names",
        async run() {
          const current = pods.find({ namespace, name });
          if (current?.metadata.uid === uid && mayChange(current)) await follow(current);
          trying.delete(uid);
        },
      },
      error,
    );
  }

  function consider(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const text = textOf(pod);
    if (followed.get(uid) === text || trying.get(uid) === text) return;
    followed.delete(uid);
    // Rejects never.
    if (mayChange(pod)) void tryNow(pod);
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

function textOf({ metadata }: Pod): string {
  return metadata.annotations?.[NETWORKS_ANNOTATION] ?? '';
}

function mayChange(pod: Pod): boolean {
  return stateOf(pod) === 'live' && pod.metadata.annotations?.[HOT_PLUG_ANNOTATION] !== 'false';
}
