import type { KubeObject, Resource } from '#api';
import { ApiError, type KubeClient } from '#kube';

/** All objects of a kind; none where the cluster does not know it. @throws ApiError */
export async function listIfAny<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  try {
    return (await client.list(resource, {}, { signal })).items;
  } catch (error) {
    if (error instanceof ApiError && error.httpStatus === 404) return [];
    throw error;
  }
}
