import { randomBytes } from 'node:crypto';
import { AttachError } from './errors.ts';
import type { PodRef } from './journal/entry.ts';

/**
 * Calls that a delegate makes back to us while we run it (a third-party main plugin that calls our IPAM). They run inside
 * their parent, past queue and limit: waiting for a place that the parent holds would never end.
 */
export interface Nesting {
  /**
   * A token for one delegate's environment (UNDERLANE_CALL), good until disposed of. Disposing aborts the ADDs that are
   * still under way with it and waits for their undo: what a plugin left running must not come after its parent's end.
   */
  open(parent: ParentCall): { readonly token: string } & AsyncDisposable;
  /** The running call that a token stands for; undefined when it is over or was never ours. */
  find(token: string): OpenCall | undefined;
}

export interface ParentCall {
  /** The parent's journal entry. */
  readonly entryId: string;
  readonly pod?: PodRef;
  /** `namespace/nad` or the CNI network's name. */
  readonly network: string;
  /** The parent's; nested calls also end with their plugin. */
  readonly signal: AbortSignal;
}

export interface OpenCall extends ParentCall {
  /** Says that this nested work is under way: the parent waits for it. */
  track(work: Promise<unknown>): void;
}

/** An empty register of running calls: one for the agent. */
export function createNesting(): Nesting {
  const open = new Map<string, OpenCall>();
  return {
    open(parent) {
      const token = randomBytes(16).toString('hex');
      const ended = new AbortController();
      const works = new Set<Promise<unknown>>();
      open.set(token, {
        ...parent,
        signal: AbortSignal.any([parent.signal, ended.signal]),
        track: work => works.add(work),
      });
      return {
        token,
        async [Symbol.asyncDispose]() {
          open.delete(token);
          ended.abort(new AttachError('CANCELLED', 'The plugin that asked has ended'));
          // How they ended is told to whoever asked.
          await Promise.allSettled(works);
        },
      };
    },
    find: token => open.get(token),
  };
}
