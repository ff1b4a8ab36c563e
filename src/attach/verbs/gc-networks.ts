import { allowsCommand, isSupportedVersion, type NetworkConfig, type PluginConfig, type ValidAttachment } from '#cni';
import type { ExecSegment } from '../delegate.ts';
import { type AttachmentRecord, entryId, type JournalEntry } from '../journal/entry.ts';
import type { ChainStep } from '../resolve/chain.ts';
import { type ChainProgram, chainPrograms } from '../resolve/chain-programs.ts';

/** A third-party program that a GC goes to, with the network that it is asked in the name of. */
export interface CollectingProgram {
  readonly network: Pick<NetworkConfig, 'name' | 'cniVersion'>;
  readonly program: ChainProgram;
  /** Where it is looked for after the agent's own directories. */
  readonly binDir?: string;
}

/** The third-party programs of a configured network that want a GC. */
export function programsOfNetwork(network: NetworkConfig, chain: readonly ChainStep[]): readonly CollectingProgram[] {
  if (!allowsCommand(network.cniVersion, 'GC') || network.disableGc === true) return [];
  return chainPrograms(chain).map(program => ({ network, program }));
}

/**
 * The third-party programs that made attachments of some entries, in the order in which they did, each once: with the
 * configuration that is on record, less what was one attachment's own. Those that a network by one of the names `except` has are
 * left out.
 */
export function programsOnRecord(
  entries: readonly JournalEntry[],
  except: ReadonlySet<string>,
): readonly CollectingProgram[] {
  const found = entries.flatMap(entry =>
    entry.attachments.flatMap(record =>
      except.has(record.network)
        ? []
        : record.segments.flatMap(segment => (segment.kind === 'exec' ? programOnRecord(entry, record, segment) : [])),
    ),
  );
  return [...new Map(found.map(program => [JSON.stringify(program), program])).values()];
}

/** The entries of a root: those that its runtime asked for, and what has come to their pods since. */
export function entriesOfRoot(entries: readonly JournalEntry[], root: string): readonly JournalEntry[] {
  const own = entries.filter(entry => entry.root === root);
  const ids = new Set(own.map(({ key }) => entryId(key)));
  return [...own, ...entries.filter(({ parent }) => parent !== undefined && ids.has(parent))];
}

/** Every attachment of a network by that name that the journal knows, whoever asked for it. */
export function attachmentsOf(network: string, entries: readonly JournalEntry[]): readonly ValidAttachment[] {
  return entries.flatMap(({ key, attachments }) =>
    attachments.flatMap(record =>
      record.network === network ? [{ containerId: key.containerId, ifname: record.ifname }] : [],
    ),
  );
}

function programOnRecord(
  { binDir }: JournalEntry,
  record: AttachmentRecord,
  { role, type, config, disableGc }: ExecSegment,
): readonly CollectingProgram[] {
  const cniVersion = String(config['cniVersion']);
  if (disableGc === true || !isSupportedVersion(cniVersion) || !allowsCommand(cniVersion, 'GC')) return [];
  return [
    {
      network: { name: record.network, cniVersion },
      program: { role, type, config: withoutPods(config, record) },
      ...(binDir === undefined ? {} : { binDir }),
    },
  ];
}

/** What a pod asked for, or was given, says nothing of its network. */
function withoutPods(config: PluginConfig, { devices = [] }: AttachmentRecord): PluginConfig {
  const { runtimeConfig: _asked, args: _args, ...network } = config;
  if (devices.length === 0) return network;
  const { deviceID: _device, pciBusID: _address, ...rest } = network;
  return rest;
}
