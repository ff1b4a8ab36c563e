import type { CniRequest } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import { type AddContext, runAdd } from '../add/add-verb.ts';
import { adoptContainerIfAny } from '../adopt/foreign-files.ts';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { pluggedInto } from '../plug/plugged-into.ts';
import { deleteEntry } from '../undo.ts';
import { checkEntry } from './check.ts';
import { collectGarbage } from './gc.ts';
import { keyOf } from './request-keys.ts';
import { reportStatus } from './status-verb.ts';
import type { Turns } from './turns.ts';
import { withDeadline } from './with-deadline.ts';

export interface VerbContext extends AddContext {
  readonly turns: Turns;
  /** The agent is stopping: ends every verb. */
  readonly stopping: AbortSignal;
}

/** Carries out one request whose turn has come, under its deadline. @returns what goes to stdout */
export function runVerb(request: CniRequest, context: VerbContext, hangUp: AbortSignal): Promise<string> {
  const { deps, parent, stopping } = context;
  const { command } = request;
  const limitMs = command === 'ADD' ? deps.deadlines.addMs : deps.deadlines.delMs;
  // A caller that hangs up does not stop a DEL or a GC: half an undo helps nobody.
  const isUndo = command === 'DEL' || command === 'GC';
  const caller = isUndo ? [] : [hangUp, ...(parent === undefined ? [] : [parent.signal])];
  return withDeadline(command, limitMs, [stopping, ...caller], async signal => {
    await deps.host.loop.take(request);
    switch (command) {
      case 'ADD':
        return runAdd(request, context, signal);
      case 'DEL':
        return runDel(request, context, signal);
      case 'CHECK':
        return runCheck(request, context, signal);
      case 'STATUS':
        return reportStatus(request, deps, context.sources, signal).then(nothing);
      case 'GC':
        return collectGarbage(request, context, signal).then(nothing);
      default:
        throw new AttachError(
          'UNSUPPORTED_VERB',
          `Cannot handle CNI_COMMAND "${command}": expected ADD, DEL, CHECK, GC or STATUS`,
        );
    }
  });
}

/** Without one of ours, that of Multus: until the runtime's configuration calls us, it goes on attaching. */
async function entryOf(request: CniRequest, { journal, foreign, log }: AttachDeps): Promise<JournalEntry | undefined> {
  const key = keyOf(request);
  const known = journal.find(key);
  if (known !== undefined || foreign === undefined || !PIPELINE_NAMES.has(request.plugin)) return known;
  await adoptContainerIfAny(key.containerId, foreign, journal, log);
  return journal.find(key);
}

async function runDel(request: CniRequest, { deps }: VerbContext, signal: AbortSignal): Promise<string> {
  const entry = await entryOf(request, deps);
  if (entry !== undefined) await deleteEntry(entry, deps, signal);
  return '';
}

async function runCheck(request: CniRequest, { deps }: VerbContext, signal: AbortSignal): Promise<string> {
  const entry = await entryOf(request, deps);
  if (entry === undefined || entry.state !== 'added') {
    throw new AttachError(
      'UNKNOWN_CONTAINER',
      `Cannot check container "${request.containerId}": the node has no attachment of it under "${request.ifname}"`,
    );
  }
  for (const one of [entry, ...pluggedInto(entry, deps.journal)]) await checkEntry(one, deps, signal);
  return '';
}

function nothing(): string {
  return '';
}
