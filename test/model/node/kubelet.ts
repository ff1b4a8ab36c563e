import { PODS, stateOf } from '#api';
import type { ClusterObjects } from '../cluster/cluster-objects.ts';
import type { Trace } from '../run/trace.ts';
import type { PodName, Sandboxes } from './sandboxes.ts';

/** Makes a node's sandboxes what its pods ask for, a step at a time. */
export interface Kubelet {
  /** Pods with which it has something to do. */
  pending(): readonly PodName[];
  /** Does what is next with a pod, if anything. */
  sync(pod: PodName): void;
}

export function createKubelet(
  node: string,
  { list, run, end }: Sandboxes,
  objects: ClusterObjects,
  trace: Trace,
): Kubelet {
  return {
    pending() {
      const left = list.filter(({ state }) => state !== 'gone');
      const known = new Map(left.map(({ pod }) => [pod.uid, pod]));
      for (const { metadata, spec } of objects.list(PODS)) {
        const { name, uid = '' } = metadata;
        if (spec.nodeName === node) known.set(uid, { name, uid });
      }
      const isDone = ({ uid }: PodName): boolean => {
        const states = left.filter(({ pod }) => pod.uid === uid).map(({ state }) => state);
        if (objects.isLive(uid)) return ['up', 'adding', 'deleting'].includes(states.join());
        // One that has finished stays until somebody deletes it.
        return states.join() === 'deleting' || (states.length === 0 && !isEnding(uid));
      };
      return [...known.values()].filter(pod => !isDone(pod));
    },
    sync({ name, uid }) {
      const pod = objects.find(PODS, name);
      const isThere = pod?.metadata.uid === uid && pod.spec.nodeName === node;
      const left = list.filter(sandbox => sandbox.pod.uid === uid && sandbox.state !== 'gone');
      if (isThere && stateOf(pod) === 'live') {
        const failed = left.find(({ state }) => state === 'failed');
        const [, ...others] = left.filter(({ state }) => state === 'up').toReversed();
        if (failed !== undefined) end(failed);
        else if (others[0] !== undefined) end(others[0]);
        else if (left.length === 0) run({ name, uid });
        return;
      }
      for (const sandbox of left) end(sandbox);
      if (left.length === 0 && isThere && isEnding(uid)) {
        trace(() => `${node}: the kubelet has ended ${name}`);
        objects.delete(PODS, name, { gracePeriodSeconds: 0, uid });
      }
    },
  };

  function isEnding(uid: string): boolean {
    return objects.podOf(uid)?.metadata.deletionTimestamp !== undefined;
  }
}
