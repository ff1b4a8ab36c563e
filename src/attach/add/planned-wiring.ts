import type { Wiring } from '#wiring';
import type { ProbedAddress } from '../neighbours/probed-address.ts';

/** What one plugin has planned, before it is made. */
export interface PlannedWiring {
  /** Which of the request's attachments it is of. */
  readonly index: number;
  readonly plugin: string;
  readonly wiring: Wiring;
  /** Those of its addresses that must not be used before the network has been asked about them. */
  readonly probed?: readonly ProbedAddress[];
}
