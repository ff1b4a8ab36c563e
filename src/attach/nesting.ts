import { randomBytes } from 'node:crypto';
import type { PodRef } from './entry.ts';

/**
 * Calls that a delegate makes back to us while we run it (a third-party main plugin that calls our IPAM). They run inside
 * their parent, past queue and limit: waiting for a place that the parent holds would never end.
 */
export interface Nesting {
  /** A token for one delegate's environment (UNDERLANE_CALL), good until disposed of. */
  open(parent: ParentCall): { readonly token: string } & Disposable;
  /** The running call that a token stands for; undefined when it is over or was never ours. */
  find(token: string): ParentCall | undefined;
}

export interface ParentCall {
  /** The parent's journal entry. */
  readonly entryId: string;
  readonly pod?: PodRef;
  /** `namespace/nad` or the CNI network's name. */
  readonly network: string;
  readonly signal: AbortSignal;
}

export function createNesting(): Nesting {
  const open = new Map<string, ParentCall>();
  return {
    open(parent) {
      const token = randomBytes(16).toString('hex');
      open.set(token, parent);
      return { token, [Symbol.dispose]: () => void open.delete(token) };
    },
    find: token => open.get(token),
  };
}
