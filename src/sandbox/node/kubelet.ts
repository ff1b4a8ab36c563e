import { messageOf } from '#base';
import type { WatchCache } from '#kube';
import type { SandboxPod } from '../resources.ts';
import { confirmDeletion, type PodWorkerContext, runPod } from './pod-worker.ts';

/** Runs the pods that the cache shows: one worker a pod uid. Returns at once; workers live until their pod is gone. */
export function startKubelet(pods: WatchCache<SandboxPod>, context: PodWorkerContext): void {
  const workers = new Map<string, AbortController>();

  function start(uid: string, work: (stopped: AbortSignal) => Promise<void>): void {
    const controller = new AbortController();
    workers.set(uid, controller);
    work(controller.signal)
      .catch((error: unknown) => context.log.error({ uid, error: messageOf(error) }, 'pod worker failed'))
      .finally(() => {
        // Kept while the cache still shows the pod, so that its last events do not start it again.
        if (!pods.list().some(pod => pod.metadata.uid === uid)) workers.delete(uid);
      });
  }

  function sync(): void {
    const present = new Map(pods.list().map(pod => [pod.metadata.uid ?? '', pod]));
    for (const [uid, pod] of present) {
      const isTerminating = pod.metadata.deletionTimestamp !== undefined;
      const worker = workers.get(uid);
      if (worker === undefined)
        start(uid, isTerminating ? () => confirmDeletion(pod, context) : stopped => runPod(pod, context, stopped));
      else if (isTerminating) worker.abort();
    }
    for (const [uid, worker] of workers) {
      if (present.has(uid)) continue;
      worker.abort();
      workers.delete(uid);
    }
  }

  pods.subscribe(sync);
  sync();
}
