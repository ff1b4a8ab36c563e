import type { IPAllocation } from '#api';
import type { Api } from '../cluster/api.ts';
import type { VirtualTime } from '../run/virtual-time.ts';
import type { Network } from '../traffic/network.ts';

export interface QuarantinesOptions {
  readonly api: Api;
  readonly network: Network;
  readonly time: VirtualTime;
  /** Gets what happens that must not. */
  readonly offences: string[];
}

/** An address in quarantine is nobody's before its time: no process gives it back, or out. @returns what ends it */
export function followQuarantines({ api, network, time, offences }: QuarantinesOptions): () => void {
  return api.store.subscribe('underlane.io/ipallocations', change => {
    const before = change.previous as unknown as IPAllocation | undefined; // its schema says so
    const { policy, quarantine } = before?.spec ?? {};
    if (before === undefined || policy !== 'Quarantine' || Date.parse(quarantine?.until ?? '') <= time.now) return;
    const after = change.object as unknown as IPAllocation;
    const isOver = change.type === 'DELETED' || after.spec.policy !== 'Quarantine';
    // People may.
    if (isOver && network.acting !== undefined) {
      offences.push(
        `${network.acting.link.name} ended the quarantine of ${before.metadata.name} before ${quarantine?.until}`,
      );
    }
  });
}
