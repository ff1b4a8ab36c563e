import { join } from 'node:path';

/** Where other programs keep what they need for a DEL. */
export interface ForeignPlaces {
  /** Multus' own: a file a container, and libcni's below `results`. */
  readonly multusDir: string;
  /** The runtime's libcni's: tells which network it asked Multus for. */
  readonly runtimeDir: string;
}

export const MULTUS_DIR = '/var/lib/cni/multus';
export const RUNTIME_CNI_DIR = '/var/lib/cni';

/** Where it is noted which containers Multus was given. */
export function handedOverIn(stateDir: string): string {
  return join(stateDir, 'handed-over.json');
}
