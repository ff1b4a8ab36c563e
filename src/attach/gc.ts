import { allowsCommand, type CniRequest, formatValidAttachments, type ValidAttachment } from '#cni';
import { chainPrograms, runForNetwork } from './chain-programs.ts';
import { allBinDirs } from './delegate.ts';
import type { AttachDeps } from './deps.ts';
import { entryId } from './entry.ts';
import { requestedChain } from './requested-chain.ts';
import type { ResolveDeps } from './resolve.ts';
import { rootOf, staleEntries } from './stale-entries.ts';
import type { Turns } from './turns.ts';
import { deleteEntry } from './undo.ts';

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
  const stale = staleEntries(deps.journal.list(), rootOf(request), valid).filter(
    ({ key }) => !turns.isAdding(entryId(key)),
  );
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
  outcomes.push(...(await Promise.allSettled([forward(request, valid, context, signal)])));
  const failures = outcomes.flatMap(outcome => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `Cannot collect all of network "${request.config.name}"`);
}

/**
 * Only the network that the runtime asks about: of others nobody knows all attachments, and a plugin takes what its list
 * leaves out for garbage. In that list stands what the runtime knows, and what the journal does of other runtimes.
 */
async function forward(
  request: CniRequest,
  valid: readonly ValidAttachment[],
  { deps, sources }: GcContext,
  signal: AbortSignal,
): Promise<void> {
  const { network, chain, pipeline } = await requestedChain(request, sources, signal);
  if (!allowsCommand(network.cniVersion, 'GC') || network.disableGc === true) return;
  const known = deps.journal
    .list()
    .flatMap(({ key, attachments }) =>
      attachments.flatMap(record =>
        record.network === network.name ? [{ containerId: key.containerId, ifname: record.ifname }] : [],
      ),
    );
  const all = new Map([...valid, ...known].map(one => [`${one.containerId}/${one.ifname}`, one]));
  const binDirs = allBinDirs(deps, pipeline ?? {});
  const failures: unknown[] = [];
  for (const program of chainPrograms(chain)) {
    try {
      await runForNetwork(
        'GC',
        network,
        program,
        formatValidAttachments([...all.values()]),
        { ...deps, binDirs },
        signal,
      );
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures);
}
