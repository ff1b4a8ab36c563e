import { type Pod, stateOf } from '#api';
import { messageOf } from '#base';
import type { PodRef } from '../journal/entry.ts';
import { reportChangeFailed } from '../report.ts';
import type { Turns } from '../verbs/turns.ts';
import { withDeadline } from '../verbs/with-deadline.ts';
import type { ChangeContext } from './change-networks.ts';
import { isRunningPod, type RunningPod } from './running-pod.ts';

export interface PodChangeContext extends ChangeContext {
  readonly turns: Pick<Turns, 'ofChange'>;
  readonly stopping: AbortSignal;
}

/** See `Attacher.changeNetworks`. */
export async function changePod(ref: PodRef, context: PodChangeContext): Promise<boolean> {
  const { deps, turns, stopping } = context;
  const entry = runningPod(ref, context);
  if (entry === undefined) return false;
  let isDone = false;
  await turns.ofChange(entry, async overtaken => {
    const current = deps.journal.find(entry.key);
    const pod = livePod(ref, context);
    if (!isRunningPod(current) || current.nonce !== entry.nonce || pod === undefined) return;
    try {
      const { changeNetworks } = await import('./change-networks.ts');
      await withDeadline('Changing the networks', deps.deadlines.addMs, [stopping, overtaken], signal =>
        changeNetworks(current, pod, context, signal),
      );
      isDone = true;
    } catch (error) {
      const isGivenUp = overtaken.aborted || stopping.aborted;
      if (!isGivenUp && deps.api !== undefined) reportChangeFailed(current.pod, messageOf(error), deps.api);
      throw error;
    }
  });
  return isDone;
}

/** The pod's only sandbox: with an older one not gone yet it is too early to change anything. */
function runningPod({ uid }: PodRef, { deps }: PodChangeContext): RunningPod | undefined {
  const own = deps.journal
    .list()
    .filter(({ key, parent, pod }) => pod?.uid === uid && key.plugin === 'underlane' && parent === undefined);
  const [first] = own;
  return own.length === 1 && isRunningPod(first) ? first : undefined;
}

/** A copy that has been cut off may be older than what the pod's ADD went by: it would take away what has just been made. */
function livePod({ namespace, name, uid }: PodRef, { deps }: PodChangeContext): Pod | undefined {
  const pod = deps.api?.pods.isFresh === true ? deps.api.pods.find({ namespace, name }) : undefined;
  return pod !== undefined && pod.metadata.uid === uid && stateOf(pod) === 'live' ? pod : undefined;
}
