import { PODS, type Pod, type PodState, stateOf } from '#api';
import { codeOf, messageOf } from '#base';
import type { CniRequest } from '#cni';
import type { AttachDeps } from './deps.ts';
import { AttachError } from './errors.ts';

/** kubelet gives a static pod's mirror object another uid than CNI hears of. */
const STATIC_POD_SOURCE = 'kubernetes.io/config.source';

/**
 * The pod that a request is for: from the node's watch cache, on a miss from the API server. undefined without
 * K8S_POD_NAME, or where no API server is configured: that is plain CNI.
 * @throws AttachError POD_NOT_FOUND, POD_UID_MISMATCH; ApiError
 */
export async function podOf(request: CniRequest, deps: AttachDeps, signal: AbortSignal): Promise<Pod | undefined> {
  const named = request.args.pod;
  if (named === undefined || deps.api === undefined) return undefined;
  const { pods, client } = deps.api;
  const name = { namespace: named.namespace, name: named.name };
  const cached = pods.find(name);
  if (cached !== undefined && pods.isFresh && isSame(cached, named.uid)) return cached;
  try {
    const pod = await client.get(PODS, name, { signal });
    if (isSame(pod, named.uid)) return pod;
    throw new AttachError(
      'POD_UID_MISMATCH',
      `Cannot attach pod "${named.namespace}/${named.name}": its uid is "${pod.metadata.uid}", the runtime asked for "${named.uid}"`,
      { retriable: true },
    );
  } catch (error) {
    if (codeOf(error) === 'NotFound') {
      throw new AttachError(
        'POD_NOT_FOUND',
        `Cannot attach pod "${named.namespace}/${named.name}": the API server has no such pod`,
        {
          cause: error,
          retriable: true,
        },
      );
    }
    // The pod with this very uid is known; that the API server is away must not keep it from starting.
    if (codeOf(error) === 'Unreachable' && cached !== undefined && isSame(cached, named.uid)) {
      deps.log.warn(
        { pod: `${named.namespace}/${named.name}`, error: messageOf(error) },
        'API server is away; using the pod as last seen',
      );
      return cached;
    }
    throw error;
  }
}

function isSame(pod: Pod, uid: string | undefined): boolean {
  if (uid === undefined || pod.metadata.uid === uid) return true;
  const source = pod.metadata.annotations?.[STATIC_POD_SOURCE];
  return source !== undefined && source !== 'api';
}

/**
 * What a release has to know of a pod. That it is gone only the API server can say: a cache is a little behind, also when
 * it is fresh, and may not have heard yet of a pod that has addresses already.
 * @throws ApiError when nobody can tell
 */
export async function podState(
  api: { readonly client: AttachDepsApi['client']; readonly pods: AttachDepsApi['pods'] },
  pod: { readonly namespace: string; readonly name: string; readonly uid: string },
): Promise<PodState> {
  const name = { namespace: pod.namespace, name: pod.name };
  const cached = api.pods.isFresh ? api.pods.find(name) : undefined;
  if (cached?.metadata.uid === pod.uid) return stateOf(cached);
  const found = await findLive(api, name);
  return found?.metadata.uid === pod.uid ? stateOf(found) : 'gone';
}

type AttachDepsApi = NonNullable<AttachDeps['api']>;

async function findLive(
  api: Pick<AttachDepsApi, 'client'>,
  name: { readonly namespace: string; readonly name: string },
): Promise<Pod | undefined> {
  try {
    return await api.client.get(PODS, name);
  } catch (error) {
    if (codeOf(error) === 'NotFound') return undefined;
    throw error;
  }
}
