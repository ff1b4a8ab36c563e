import type { Pod } from '#api';
import { stateOf } from '#api';
import type { Journal } from '#attach';
import { type Clock, type Log, messageOf } from '#base';
import type { EventRecorder, WatchCache } from '#kube';
import { NETWORK_STATUS_ANNOTATION, NETWORKS_ANNOTATION } from '#networks';

export interface FlagBarePodsOptions {
  /** Pods of this node. */
  readonly pods: WatchCache<Pod>;
  readonly journal: Pick<Journal, 'list'>;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** A sandbox that is being replaced has no attachments for a moment, and its pod still counts as running. */
const GRACE_MS = 60_000;

/**
 * Says of pods that run without the networks that they ask for: started while the runtime called somebody else, after a reboot
 * or while our configuration was renamed away. Nothing else tells of them, and only a new pod gets them.
 * @returns how many there are
 */
export function flagBarePods(options: FlagBarePodsOptions): { readonly count: () => number } {
  const { pods, journal, events, clock, log, signal } = options;
  const flagged = new Set<string>();
  /** Looked at again later, so not yet. */
  const waiting = new Set<string>();

  function isBare(pod: Pod): boolean {
    const { annotations = {}, name, namespace } = pod.metadata;
    if ((annotations[NETWORKS_ANNOTATION] ?? '').trim() === '' || pod.spec.hostNetwork === true) return false;
    // Written by whoever attached its networks: us, or Multus before us.
    if (annotations[NETWORK_STATUS_ANNOTATION] !== undefined) return false;
    if (stateOf(pod) !== 'live' || pod.status?.phase !== 'Running') return false;
    return !journal.list().some(entry => entry.pod?.name === name && entry.pod.namespace === namespace);
  }

  function look(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    if (!isBare(pod)) flagged.delete(uid);
    else if (!flagged.has(uid) && !waiting.has(uid)) {
      waiting.add(uid);
      lookAgain(pod)
        .catch((error: unknown) => {
          if (!signal.aborted) log.error({ error: messageOf(error) }, 'Looking for pods without networks failed');
        })
        .finally(() => waiting.delete(uid));
    }
  }

  async function lookAgain({ metadata: { name, namespace = 'default', uid = '' } }: Pod): Promise<void> {
    await clock.sleep(GRACE_MS, signal);
    const pod = pods.find({ name, namespace });
    if (pod === undefined || pod.metadata.uid !== uid || !isBare(pod)) return;
    flagged.add(uid);
    log.warn({ pod: name, namespace }, MESSAGE);
    events.record({ name, namespace, uid }, 'Warning', 'NetworksMissing', MESSAGE);
  }

  const stop = pods.subscribe(change => {
    if (change.type === 'relisted') {
      const present = new Set(pods.list().map(pod => pod.metadata.uid));
      for (const uid of flagged) if (!present.has(uid)) flagged.delete(uid);
      for (const pod of pods.list()) look(pod);
    } else if (change.type === 'deleted') flagged.delete(change.object.metadata.uid ?? '');
    else look(change.object);
  });
  signal.addEventListener('abort', stop, { once: true });
  for (const pod of pods.list()) look(pod);
  return { count: () => flagged.size };
}

const MESSAGE = `It runs without the networks of its annotation "${NETWORKS_ANNOTATION}": it was started while the node's runtime did not call Underlane; delete it to have it made again`;
