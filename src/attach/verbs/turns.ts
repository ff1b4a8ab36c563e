import { type Aside, createKeyedQueue } from '#base';
import type { CniRequest } from '#cni';
import { AttachError } from '../errors.ts';
import { entryId, type JournalEntry } from '../journal/entry.ts';
import { keyOf, queueKey, queueKeyOf } from './request-keys.ts';

/** Who waits for whom: one thing at a time with one pod and with one entry, different pods in parallel up to a limit. */
export interface Turns {
  /**
   * Runs a request's work in its turn. What it gets is aborted when `hangUp` is or, for an ADD, when its DEL overtakes it;
   * waiting ends with that too.
   * @param isNested past the pods' queue, in which its parent has a place already
   * @param work may step aside for other pods while it waits; nested it has no place to leave
   * @param before what it waits for without a place: those who work must not wait for it, too
   */
  ofRequest(
    request: CniRequest,
    isNested: boolean,
    hangUp: AbortSignal,
    work: (hangUp: AbortSignal, aside?: Aside) => Promise<string>,
    before?: (signal: AbortSignal) => Promise<void>,
  ): Promise<string>;
  /**
   * The same for one interface of a running pod. It changes the pod's own entry, so it waits for that one's turn, whatever
   * pod the caller names; an ADD is aborted by the pod's DEL, too.
   */
  ofDelegate(
    request: CniRequest,
    main: JournalEntry,
    hangUp: AbortSignal,
    work: (hangUp: AbortSignal) => Promise<string>,
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

  function overtake(id: string): void {
    for (const add of adding.get(id) ?? []) add.abort(new AttachError('CANCELLED', 'ADD was overtaken by its DEL'));
  }

  /** Runs what a DEL of these entries ends, where it is an ADD. */
  async function untilOvertaken(
    ids: readonly string[],
    { command }: CniRequest,
    hangUp: AbortSignal,
    run: (ended: AbortSignal, waiting: AbortSignal) => Promise<string>,
  ): Promise<string> {
    if (command !== 'ADD') return run(hangUp, AbortSignal.any([hangUp, stopping]));
    const overtaken = new AbortController();
    const ended = AbortSignal.any([hangUp, overtaken.signal]);
    const forgets = ids.map(id => noteAdding(id, overtaken));
    try {
      return await run(ended, AbortSignal.any([ended, stopping]));
    } finally {
      for (const forget of forgets) forget();
    }
  }

  return {
    ofRequest(request, isNested, hangUp, work, before) {
      const id = entryId(keyOf(request));
      if (request.command === 'DEL') overtake(id);
      return untilOvertaken([id], request, hangUp, (ended, waiting) => {
        const inPlace = (): Promise<string> => pods.run(queueKey(request), aside => work(ended, aside), waiting);
        const whenReady = before === undefined ? inPlace : () => before(waiting).then(inPlace);
        return entries.run(id, isNested ? () => work(ended) : whenReady, waiting);
      });
    },
    ofDelegate(request, main, hangUp, work) {
      const id = entryId(keyOf(request));
      const mainId = entryId(main.key);
      // A DEL of the pod's default interface is refused: it must not end what others ask for.
      if (request.command === 'DEL' && id !== mainId) overtake(id);
      return untilOvertaken([id, mainId], request, hangUp, (ended, waiting) => {
        const place = main.pod === undefined ? queueKey(request) : queueKeyOf(main);
        const inPlace = (): Promise<string> => pods.run(place, () => work(ended), waiting);
        return entries.run(mainId, id === mainId ? inPlace : () => entries.run(id, inPlace, waiting), waiting);
      });
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
