import type { IPAllocation } from '#api';
import type { Api } from '../cluster/api.ts';
import type { Machine } from '../node/machine.ts';
import type { VirtualTime } from '../run/virtual-time.ts';
import type { Network } from '../traffic/network.ts';
import { claimsOf } from './holders.ts';

export interface QuarantinesOptions {
  readonly api: Api;
  readonly network: Network;
  readonly time: VirtualTime;
  readonly machines: readonly Machine[];
  /** Gets what happens that must not. */
  readonly offences: string[];
  /** Gets claims that are in use when they are put into quarantine, by a call that comes late. */
  readonly lost: Set<string>;
}

/**
 * An address in quarantine is nobody's before its time: no process gives it back, or out; but for the node of a pod that uses it
 * already, since a former agent's call came late.
 * @returns what ends it
 */
export function followQuarantines({ api, network, time, machines, offences, lost }: QuarantinesOptions): () => void {
  const isInUse = (uid: string | undefined): boolean =>
    machines.some(({ journal, wired }) =>
      [...journal.values()].some(entry => wired.has(entry.nonce) && claimsOf(entry).some(({ ref }) => ref.uid === uid)),
    );
  return api.store.subscribe('underlane.io/ipallocations', change => {
    const { acting } = network;
    // People may.
    if (acting === undefined || change.previous === undefined) return;
    const before = change.previous as unknown as IPAllocation; // its schema says so
    const after = change.object as unknown as IPAllocation;
    const { name, uid = '' } = before.metadata;
    const isQuarantined = change.type !== 'DELETED' && after.spec.policy === 'Quarantine';
    const { policy, quarantine } = before.spec;
    if (policy !== 'Quarantine') {
      if (isQuarantined && acting.isLate && isInUse(uid)) lost.add(uid);
      return;
    }
    if (isQuarantined || isInUse(uid) || Date.parse(quarantine?.until ?? '') <= time.now) return;
    offences.push(`${acting.link.name} ended the quarantine of ${name} before ${quarantine?.until}`);
  });
}
