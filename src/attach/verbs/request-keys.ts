import type { Pod } from '#api';
import type { CniRequest } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import type { EntryKey, JournalEntry, PodRef } from '../journal/entry.ts';

/** The entry that a request is about. */
export function keyOf(request: CniRequest): EntryKey {
  const isPipeline = PIPELINE_NAMES.has(request.plugin);
  return {
    containerId: request.containerId,
    ifname: request.ifname,
    plugin: isPipeline ? 'underlane' : request.plugin,
    // Runtimes send DEL with the configuration of that day, so the pipeline's entry must not depend on its name.
    network: isPipeline ? '' : request.config.name,
  };
}

/** {@link queueKey} of the request that an entry was made by. */
export function queueKeyOf({ key, pod }: JournalEntry): string {
  return pod === undefined ? key.containerId : podKey(pod);
}

/** Sandboxes of one pod follow one another; without a pod the container is all we have. */
export function queueKey({ args, containerId }: CniRequest): string {
  return args.pod === undefined ? containerId : podKey(args.pod);
}

/** Not by uid: some runtimes name none, and that of a static pod is another one in the API server. */
function podKey({ namespace, name }: Pick<PodRef, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}

/** The pod that a request is for: as found, else as the runtime names it. */
export function refOf(pod: Pod | undefined, request: CniRequest): PodRef | undefined {
  if (pod !== undefined) {
    return { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, uid: pod.metadata.uid ?? '' };
  }
  const { pod: named } = request.args;
  return named?.uid === undefined ? undefined : { namespace: named.namespace, name: named.name, uid: named.uid };
}
