import { type CniRequest, formatResult, type JsonObject, NEWEST_VERSION, parseNetworkConfig } from '#cni';
import { addAttachments } from '../add/add.ts';
import type { BusyOwners } from '../addresses/busy-owners.ts';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import { type AttachmentRecord, entryId, type JournalEntry } from '../journal/entry.ts';
import { requireAllowed } from '../resolve/policy.ts';
import type { ResolveDeps } from '../resolve/resolve-deps.ts';
import { resolveWritten } from '../resolve/resolve-written.ts';
import { deleteEntry } from '../undo.ts';
import { checkEntry } from '../verbs/check.ts';
import { keyOf, refOf } from '../verbs/request-keys.ts';
import { detachPlugged, detachRecord } from './detach.ts';
import { pluggedInto } from './plugged-into.ts';

/** One network for one interface of a running pod, from somebody who follows annotations in our place. */
export interface DelegateRequest {
  /** Container, interface, namespace and pod; its own configuration means nothing. */
  readonly cni: CniRequest;
  /** A configuration or a list, as JSON. */
  readonly config: string;
  readonly ips: readonly string[];
  readonly mac?: string;
  readonly cniArgs?: JsonObject;
}

export interface DelegateContext {
  readonly deps: AttachDeps;
  readonly sources: ResolveDeps;
  readonly owners: BusyOwners;
}

/**
 * ADD, DEL, CHECK or STATUS of one network on a pod that runs. What is attached is the pod's: its end takes it away, too, and
 * a DEL needs neither pod nor configuration. The network-status is left to whoever asks.
 * @returns the result in our newest version; nothing for the other verbs
 */
export async function runDelegateVerb(
  request: DelegateRequest,
  context: DelegateContext,
  signal: AbortSignal,
): Promise<string> {
  const { cni } = request;
  const { deps } = context;
  const main = mainOf(cni, deps);
  switch (cni.command) {
    case 'ADD':
      return add(request, main, context, signal);
    case 'DEL':
      await remove(cni, main, deps, signal);
      return '';
    case 'CHECK': {
      const entry = deps.journal.find(keyOf(cni)) ?? main;
      if (entry === undefined) throw unknown(cni);
      await checkEntry(entry, deps, signal);
      return '';
    }
    default:
      return '';
  }
}

async function add(
  request: DelegateRequest,
  main: JournalEntry | undefined,
  { deps, sources, owners }: DelegateContext,
  signal: AbortSignal,
): Promise<string> {
  const { cni } = request;
  const { ifname } = cni;
  const source = `the configuration for interface "${ifname}"`;
  const config = parseNetworkConfig(request.config, { source, defaultVersion: '0.1.0' });
  const present = recordsOf(main, deps).find(record => record.ifname === ifname);
  if (present !== undefined) {
    // Who asks twice has not heard the first answer.
    if (present.network === config.name && present.result !== undefined) {
      return formatResult(present.result, NEWEST_VERSION);
    }
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot use ${source}: the pod has network "${present.nad ?? present.network}" there, expected a name that is free`,
    );
  }
  // Without the pod's own entry nothing would take it away with the pod.
  if (main === undefined) throw unknown(cni);
  const former = deps.journal.find(keyOf(cni));
  if (former !== undefined) await deleteEntry(former, deps, signal);
  const pod = main.pod ?? refOf(undefined, cni);
  await deps.api?.policies.ready(signal);
  requireAllowed({ namespace: pod?.namespace ?? 'default', source, config }, deps.api?.policies.list() ?? []);
  const plan = resolveWritten({ ...request, config, source, ifname }, sources);
  const leave = owners.enter(pod?.uid ?? cni.containerId);
  try {
    const result = await addAttachments(
      {
        cni,
        key: keyOf(cni),
        plans: [plan],
        ...(pod === undefined ? {} : { pod }),
        parent: entryId(main.key),
        ...(main.binDir === undefined ? {} : { binDir: main.binDir }),
      },
      deps,
      signal,
    );
    return formatResult(result, NEWEST_VERSION);
  } finally {
    leave();
  }
}

async function remove(
  cni: CniRequest,
  main: JournalEntry | undefined,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<void> {
  const entry = deps.journal.find(keyOf(cni));
  if (entry !== undefined && entry !== main) return detachPlugged(entry, deps, signal);
  const index = main?.attachments.findIndex(({ ifname }) => ifname === cni.ifname) ?? -1;
  if (main === undefined || index < 0) return;
  if (index === 0) {
    throw new AttachError(
      'NETWORK_CONFIG',
      `Cannot detach interface "${cni.ifname}": it is the pod's default one, expected one of the others`,
    );
  }
  const { isStatusDue: _theirs, ...rest } = await detachRecord(main, cni.ifname, deps, signal);
  deps.journal.put(rest);
}

/** The pod's own entry in whatever state: the one that a request would change rather than another. */
export function podsEntry({ containerId }: CniRequest, { journal }: AttachDeps): JournalEntry | undefined {
  const own = journal
    .list()
    .filter(({ key, parent }) => key.containerId === containerId && key.plugin === 'underlane' && parent === undefined);
  return own.find(({ state }) => state === 'added') ?? own[0];
}

function mainOf(cni: CniRequest, deps: AttachDeps): JournalEntry | undefined {
  const entry = podsEntry(cni, deps);
  return entry?.state === 'added' ? entry : undefined;
}

function recordsOf(main: JournalEntry | undefined, { journal }: AttachDeps): readonly AttachmentRecord[] {
  return main === undefined ? [] : [main, ...pluggedInto(main, journal)].flatMap(({ attachments }) => attachments);
}

function unknown({ command, containerId }: CniRequest): AttachError {
  const doing = command === 'CHECK' ? 'check' : 'attach a network to';
  return new AttachError(
    'UNKNOWN_CONTAINER',
    `Cannot ${doing} container "${containerId}": the node has no attachment of it, expected one that is running`,
  );
}
