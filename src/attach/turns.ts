import { createKeyedQueue } from '#base';
import type { CniRequest } from '#cni';
import { entryId, type JournalEntry } from './entry.ts';
import { AttachError } from './errors.ts';
import { keyOf, queueKey, queueKeyOf } from './request-keys.ts';

/** Who waits for whom: one thing at a time with one pod and with one entry, different pods in parallel up to a limit. */
export interface Turns {
  /**
   * Runs a request's work in its turn. What it gets is aborted when `hangUp` is or, for an ADD, when its DEL overtakes it;
   * waiting ends with that too.
   * @param isNested past the pods' queue, in which its parent has a place already
   * @param before what it waits for without a place: those who work must not wait for it, too
   */
  ofRequest(
    request: CniRequest,
    isNested: boolean,
    hangUp: AbortSignal,
    work: (hangUp: AbortSignal) => Promise<string>,
    before?: (signal: AbortSignal) => Promise<void>,
  ): Promise<string>;
  /** Runs work when nothing else is at work for the entry or its pod. */
  ofEntry(entry: JournalEntry, work: () => Promise<void>): Promise<void>;
  /** The same for a change of a running pod's networks, which its DEL cancels as it does an ADD. */
  ofChange(entry: JournalEntry, work: (overtaken: AbortSignal) => Promise<void>): Promise<void>;
  /** Whether an ADD of this entry is under way or waiting for its turn. */
  isAdding(id: string): boolean;
}

const PARALLEL_REQUESTS = 16;

/** @param stopping ends the waiting of everybody whose turn has not come */
export function createTurns(stopping: AbortSignal, parallel = PARALLEL_REQUESTS): Turns {
  const pods = createKeyedQueue(parallel);
  /** In order of arrival, also where pod or parent tell requests apart. */
  const entries = createKeyedQueue(Number.POSITIVE_INFINITY);
  /** ADDs under way or waiting, by entry: their DEL cancels them. */
  const adding = new Map<string, Set<AbortController>>();

  function noteAdding(id: string, add: AbortController): () => void {
    const adds = adding.get(id) ?? new Set();
    adding.set(id, adds.add(add));
    return () => {
      adds.delete(add);
      if (adds.size === 0) adding.delete(id);
    };
  }

  return {
    async ofRequest(request, isNested, hangUp, work, before) {
      const id = entryId(keyOf(request));
      const overtaken = new AbortController();
      if (request.command === 'DEL') {
        for (const add of adding.get(id) ?? []) add.abort(new AttachError('CANCELLED', 'ADD was overtaken by its DEL'));
      }
      const isAdd = request.command === 'ADD';
      const ended = isAdd ? AbortSignal.any([hangUp, overtaken.signal]) : hangUp;
      const waiting = AbortSignal.any([ended, stopping]);
      const run = (): Promise<string> => work(ended);
      const inPlace = (): Promise<string> => pods.run(queueKey(request), run, waiting);
      const whenReady = before === undefined ? inPlace : () => before(waiting).then(inPlace);
      const forget = isAdd ? noteAdding(id, overtaken) : undefined;
      try {
        return await entries.run(id, isNested ? run : whenReady, waiting);
      } finally {
        forget?.();
      }
    },
    ofEntry: (entry, work) =>
      entries.run(entryId(entry.key), () => pods.run(queueKeyOf(entry), work, stopping), stopping),
    async ofChange(entry, work) {
      const overtaken = new AbortController();
      const forget = noteAdding(entryId(entry.key), overtaken);
      const waiting = AbortSignal.any([overtaken.signal, stopping]);
      try {
        await entries.run(
          entryId(entry.key),
          () => pods.run(queueKeyOf(entry), () => work(overtaken.signal), waiting),
          waiting,
        );
      } finally {
        forget();
      }
    },
    isAdding: id => adding.has(id),
  };
}
