import type { CniRequest, ValidAttachment } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import type { JournalEntry } from './entry.ts';

/** The network in whose name a runtime had attachments made: what a GC is about. */
export interface Root {
  readonly plugin: string;
  readonly network: string;
}

/** The root of what a runtime asks for. */
export function rootOf(request: CniRequest): Root {
  const plugin = PIPELINE_NAMES.has(request.plugin) ? 'underlane' : request.plugin;
  return { plugin, network: request.config.name };
}

/**
 * The entries of a root that its runtime no longer knows. An entry is known by its first attachment, whatever else hangs
 * on it (net1, net2, ...). One that a delegate of ours asked for follows its parent; one whose root is another network,
 * or not known at all, belongs to somebody else.
 */
export function staleEntries(
  entries: readonly JournalEntry[],
  root: Root,
  valid: readonly ValidAttachment[],
): readonly JournalEntry[] {
  const known = new Set(valid.map(({ containerId, ifname }) => `${containerId}/${ifname}`));
  return entries.filter(
    ({ key, root: network, parent }) =>
      parent === undefined &&
      key.plugin === root.plugin &&
      network === root.network &&
      !known.has(`${key.containerId}/${key.ifname}`),
  );
}
