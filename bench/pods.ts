import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createNamespace, deleteNamespace } from '#netns';

export interface BenchPod {
  /** Of the pod object, where there is one. */
  readonly name: string;
  readonly containerId: string;
  readonly netns: string;
}

/** Makes a pod's network namespace. */
export function makePod(): BenchPod {
  const containerId = randomBytes(32).toString('hex');
  const name = `pod-${containerId.slice(0, 8)}`;
  const netns = `/run/netns/${name}`;
  createNamespace(netns)[Symbol.dispose]();
  return { name, containerId, netns };
}

export function removePod({ netns }: BenchPod): void {
  deleteNamespace(netns);
}

/** The kernel clears namespaces away behind everybody's back and under its one lock: nobody's times should have that in them. */
export async function removePods(pods: readonly BenchPod[]): Promise<void> {
  pods.forEach(removePod);
  await sleep(500);
}
