import { type CniRequest, formatValidAttachments, type ValidAttachment } from '#cni';
import { allBinDirs } from '../delegate.ts';
import type { AttachDeps } from '../deps.ts';
import { type EntryKey, entryId, type JournalEntry } from '../journal/entry.ts';
import { rootOf, staleEntries } from '../journal/stale-entries.ts';
import { runForNetwork } from '../resolve/chain-programs.ts';
import { requestedChain } from '../resolve/requested-chain.ts';
import type { ResolveDeps } from '../resolve/resolve-deps.ts';
import { deleteEntry } from '../undo.ts';
import {
  attachmentsOf,
  type CollectingProgram,
  entriesOfRoot,
  programsOfNetwork,
  programsOnRecord,
} from './gc-networks.ts';
import type { Turns } from './turns.ts';

/** What a GC needs to know of the requests beside it. */
export interface GcContext {
  readonly deps: AttachDeps;
  readonly sources: ResolveDeps;
  readonly turns: Pick<Turns, 'isAdding' | 'ofEntry'>;
}

/**
 * GC: takes back every attachment of the network that the runtime no longer knows, then lets the third-party plugins of
 * the network do the same. Runtimes hold back their ADDs and DELs meanwhile; what others have under way is left alone.
 * Goes on past what cannot be taken back.
 * @throws AggregateError with every failure
 */
export async function collectGarbage(request: CniRequest, context: GcContext, signal: AbortSignal): Promise<void> {
  const valid = request.config.validAttachments;
  if (valid === undefined) return;
  const { deps, turns } = context;
  const before = deps.journal.list();
  const stale = staleEntries(before, rootOf(request), valid).filter(({ key }) => !turns.isAdding(entryId(key)));
  const outcomes = await Promise.allSettled([
    ...stale.map(entry =>
      turns.ofEntry(entry, async () => {
        const current = deps.journal.find(entry.key);
        // Another ADD has been here meanwhile.
        if (current?.nonce !== entry.nonce) return;
        deps.log.info(
          { entry: entryId(entry.key), pod: entry.pod?.name },
          'The runtime does not know it any more; undoing',
        );
        await deleteEntry(current, deps, signal);
      }),
    ),
  ]);
  outcomes.push(...(await Promise.allSettled([forward(request, valid, before, context, signal)])));
  const failures = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `Cannot collect all of network "${request.config.name}"`);
}

/**
 * To the third-party plugins of every network of the root: the default one, and those that the root's entries have or had
 * before this GC. Each gets all attachments of its network: a plugin takes what its list leaves out for garbage. For the
 * default network those are what the runtime knows, and what the journal does of other runtimes.
 *
 * Of the others only the journal tells, so that they are left out when the runtime knows of a container that it does not.
 */
async function forward(
  request: CniRequest,
  valid: readonly ValidAttachment[],
  before: readonly JournalEntry[],
  { deps, sources }: GcContext,
  signal: AbortSignal,
): Promise<void> {
  const { network, chain, pipeline } = await requestedChain(request, sources, signal);
  const binDir = pipeline?.binDir;
  const failures: unknown[] = [];
  const entries = deps.journal.list();
  const run = async ({ network: asked, program, binDir: recorded }: CollectingProgram): Promise<void> => {
    const known = attachmentsOf(asked.name, entries);
    const all = asked.name === network.name ? [...valid, ...known] : known;
    const list = [...new Map(all.map(one => [`${one.containerId}/${one.ifname}`, one])).values()];
    const dirs = recorded ?? binDir;
    const binDirs = allBinDirs(deps, dirs === undefined ? {} : { binDir: dirs });
    try {
      await runForNetwork('GC', asked, program, formatValidAttachments(list), { ...deps, binDirs }, signal);
    } catch (error) {
      failures.push(error);
    }
  };
  for (const program of programsOfNetwork(network, chain)) await run(program);
  if (pipeline !== undefined) {
    const unknown = valid.filter(one => !entries.some(({ key }) => isAttachment(key, one)));
    if (unknown.length > 0) {
      deps.log.warn(
        { containers: unknown.map(({ containerId }) => containerId) },
        'The runtime knows containers that the journal does not; only the default network is collected',
      );
    } else {
      const rooted = entriesOfRoot(before, request.config.name);
      for (const program of programsOnRecord(rooted, new Set([network.name]))) await run(program);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}

function isAttachment(key: EntryKey, { containerId, ifname }: ValidAttachment): boolean {
  return key.plugin === 'underlane' && key.containerId === containerId && key.ifname === ifname;
}
