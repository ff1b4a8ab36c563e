/** Pods of the namespace default that come, and go at once. */
import { PODS } from '#api';
import type { TestCluster } from './cluster.ts';

const namespace = 'default';

/** @returns its uid */
export async function createPod(
  { client }: TestCluster,
  name: string,
  finalizers: readonly string[] = [],
): Promise<string> {
  const pod = await client.create(PODS, {
    metadata: { name, namespace, finalizers },
    spec: { containers: [{ name: 'c', image: 'x' }] },
  });
  return pod.metadata.uid ?? '';
}

export function deletePod({ client }: TestCluster, name: string): Promise<void> {
  return client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0 });
}
