import { entryId, type JournalEntry } from '../journal/entry.ts';
import { queueKeyOf } from '../verbs/request-keys.ts';
import type { Turns } from '../verbs/turns.ts';
import { withDeadline } from '../verbs/with-deadline.ts';
import { type DelegateContext, type DelegateRequest, podsEntry, runDelegateVerb } from './delegate-verb.ts';

export interface DelegateTurnContext extends DelegateContext {
  readonly turns: Pick<Turns, 'ofRequest' | 'ofDelegate'>;
  readonly stopping: AbortSignal;
}

/** {@link runDelegateVerb} in the turn of the pod's entry that it changes, within the time that its verb has. */
export async function delegateInTurn(
  asked: DelegateRequest,
  context: DelegateTurnContext,
  signal: AbortSignal,
): Promise<string> {
  const { deps, turns, stopping } = context;
  const main = podsEntry(asked.cni, deps);
  const { command } = asked.cni;
  const cni = main?.pod === undefined ? asked.cni : { ...asked.cni, args: { ...asked.cni.args, pod: main.pod } };
  const limitMs = command === 'ADD' ? deps.deadlines.addMs : deps.deadlines.delMs;
  let isWrongTurn = false;
  const work = async (hangUp: AbortSignal): Promise<string> => {
    // While it waited the pod's entry may have come.
    const found = podsEntry(asked.cni, deps);
    isWrongTurn = found !== undefined && (main === undefined || turnOf(found) !== turnOf(main));
    if (isWrongTurn) return '';
    return withDeadline(command, limitMs, command === 'DEL' ? [stopping] : [stopping, hangUp], ended =>
      runDelegateVerb({ ...asked, cni }, context, ended),
    );
  };
  const answer = await (main === undefined
    ? turns.ofRequest(cni, false, signal, work)
    : turns.ofDelegate(cni, main, signal, work));
  return isWrongTurn ? delegateInTurn(asked, context, signal) : answer;
}

function turnOf(entry: JournalEntry): string {
  return `${entryId(entry.key)} ${queueKeyOf(entry)}`;
}
