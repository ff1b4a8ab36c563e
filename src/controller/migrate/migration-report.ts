import type { Writer } from './find-writers.ts';
import type { PeerName } from './peer.ts';

/** What a migration has found and done, or would do. */
export interface MigrationReport {
  readonly from: PeerName;
  /** Nothing was written. */
  readonly isDryRun: boolean;
  /** Why nothing was written although it should have been. */
  readonly refused?: string;
  readonly writers: readonly Writer[];
  readonly addresses: readonly ReportedAddress[];
  /** Objects that are views of ours from now on, or would be. */
  readonly takenOver: readonly string[];
  /** Objects that stay as they are, since not all of their addresses could be imported. */
  readonly left: readonly string[];
  readonly problems: readonly string[];
}

export interface ReportedAddress {
  readonly address: string;
  /** The object that says whose it is. */
  readonly record: string;
  readonly pod?: string;
  readonly interface?: string;
  readonly node?: string;
  /**
   * `imported`: the claim was made now; `missing`: it would be; `present`: it was there. `stale`: no pod has the address any
   * more. `held`: somebody else has it here. `unplaced`: the pod has no network here that it could be of.
   */
  readonly outcome: 'imported' | 'missing' | 'present' | 'stale' | 'held' | 'unplaced';
  readonly why?: string;
}

/** Whether nobody else will be given an address that a pod has. */
export function isSettled({ outcome }: ReportedAddress): boolean {
  return outcome !== 'held' && outcome !== 'unplaced';
}

/** Whether all addresses that pods have are, or would be, claims of theirs. */
export function isClean({ addresses, problems, writers, refused }: MigrationReport): boolean {
  return addresses.every(isSettled) && problems.length === 0 && writers.length === 0 && refused === undefined;
}
