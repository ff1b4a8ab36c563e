import type { ClaimOwner } from '#api';
import { type Log, messageOf } from '#base';
import type { ClaimStore } from '#ipam';
import type { AttachDeps } from '../deps.ts';
import type { EntryKey, JournalEntry, Lease } from '../journal/entry.ts';
import { openKernel } from '../kernel.ts';
import type { ClusterIpam } from './leases.ts';

/** Holds one entry's claims against what the API server says; see `Attacher.reassert`. */
export async function reassertClaims(
  key: EntryKey,
  cluster: ClusterIpam,
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<void> {
  const entry = deps.journal.find(key);
  if (entry?.state !== 'added') return;
  const onLost = (ifname: string, lease: ClaimLease, holder: ClaimOwner): void =>
    takeDown(entry, ifname, lease, holder, deps);
  const changed = await holdLeases(entry, cluster.store, onLost, deps.log, signal);
  if (changed !== entry) deps.journal.put(changed);
}

type ClaimLease = Extract<Lease, { readonly kind: 'claim' }>;

/**
 * Holds an entry's claims: what is missing is made again.
 * @param onLost called for each that somebody else has by now
 * @returns the entry with the claims' uids as they are now; the same one where nothing changed
 */
export async function holdLeases(
  entry: JournalEntry,
  store: Pick<ClaimStore, 'reassert'>,
  onLost: (ifname: string, lease: ClaimLease, holder: ClaimOwner) => void,
  log: Log,
  signal: AbortSignal,
): Promise<JournalEntry> {
  let changed = entry;
  for (const [index, attachment] of entry.attachments.entries()) {
    for (const lease of attachment.leases) {
      if (lease.kind !== 'claim' || attachment.isLeaving === true) continue;
      const outcome = await store.reassert({ ref: lease.ref, spec: lease.spec }, signal);
      if (outcome.kind === 'lost') {
        onLost(attachment.ifname, lease, outcome.holder.spec.owner);
      } else if (outcome.uid !== lease.ref.uid) {
        log.warn({ claim: lease.ref.name }, 'A claim in use was deleted by somebody; made it again');
        changed = withRef(changed, index, lease, { name: lease.ref.name, uid: outcome.uid });
      }
    }
  }
  return changed;
}

/**
 * Two pods with one address harm each other; the one whose claim is older in the API server stays. The interface is only
 * set down: DEL finds it as it was made.
 */
function takeDown(entry: JournalEntry, ifname: string, lease: ClaimLease, holder: ClaimOwner, deps: AttachDeps): void {
  const by =
    holder.podName === undefined
      ? `container "${holder.containerId}"`
      : `pod "${holder.podNamespace}/${holder.podName}"`;
  const message = `Interface "${ifname}" is set down: its address ${lease.spec.address} was given to ${by} (claim "${lease.ref.name}")`;
  deps.log.error({ claim: lease.ref.name, ifname, pod: entry.pod?.name }, message);
  if (entry.pod !== undefined) deps.api?.events.record(entry.pod, 'Warning', 'AddressLost', message);
  using kernel = openKernel(deps.host, entry.netns);
  if (!kernel.hasPod) return;
  try {
    const down = [{ kind: 'link', place: 'pod', name: ifname, link: { type: 'existing' }, isUp: false }] as const;
    kernel.apply(kernel.diff(down, new Map()));
  } catch (error) {
    deps.log.error({ ifname, error: messageOf(error) }, 'Cannot set the interface down');
  }
}

function withRef(
  entry: JournalEntry,
  index: number,
  lease: Lease,
  ref: { readonly name: string; readonly uid: string },
): JournalEntry {
  return {
    ...entry,
    attachments: entry.attachments.map((attachment, position) =>
      position === index
        ? {
            ...attachment,
            leases: attachment.leases.map(other =>
              other === lease && other.kind === 'claim' ? { ...other, ref } : other,
            ),
          }
        : attachment,
    ),
  };
}
