import type { KubeObject, Resource } from '#api';
import { type AnsweredCache, isApiError } from '#kube';
import { IpamError } from '../errors.ts';

/** What following a kind takes. */
const VERBS = '["get", "list", "watch"]';

/**
 * Resolves when a kind's objects are known. A pod that waits for a kind which nobody may read would wait for ever.
 * @throws IpamError FORBIDDEN_KIND
 */
export async function untilAnswered<T extends KubeObject>(
  cache: Pick<AnsweredCache<T>, 'answered'>,
  { group, plural }: Resource<T>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await cache.answered(signal);
  } catch (error) {
    if (!isApiError(error, 'Forbidden')) throw error;
    const rule = `apiGroups: ["${group}"], resources: ["${plural}"], verbs: ${VERBS}`;
    throw new IpamError(
      'FORBIDDEN_KIND',
      // The API server names who asked, and the verb that it would not have.
      `${error.message}; add the rule {${rule}} to the ClusterRole of that account`,
      { cause: error, details: { resource: plural, group } },
    );
  }
}
