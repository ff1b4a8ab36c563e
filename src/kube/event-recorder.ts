import type { Event } from '#api';
import { EVENTS } from '#api';
import type { Clock, Log } from '#base';
import { codeOf, messageOf, systemClock } from '#base';
import { backoffMs } from './backoff.ts';
import type { KubeClient } from './client.ts';
import { ApiError, isApiError } from './errors.ts';
import { createTokenBuckets } from './token-bucket.ts';

/** The object that an Event is about. */
export interface EventSubject {
  /** @default Pod */
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
}

/** Tells users about their objects by Kubernetes Events, without ever holding up the caller. */
export interface EventRecorder {
  /** Returns at once and never throws: the Event is written behind, counted up when it repeats, dropped when there are too many. */
  record(subject: EventSubject, type: Event['type'], reason: string, message: string): void;
  /** Resolves when everything recorded so far is written or given up. */
  flush(): Promise<void>;
  /** Events never written: over the rate of their object, over the queue's size, or refused by the API server. */
  readonly dropped: number;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** Source of the events: `underlane-agent`. */
  readonly component: string;
  readonly node?: string;
  readonly clock?: Clock;
  readonly log: Log;
  /** Ends the writing; what is queued then is lost. */
  readonly signal: AbortSignal;
}

/** A pod that fails again and again says so ten times, then twice a minute. */
const RATE = { burst: 10, refillMs: 30_000, keyLimit: 1000 };
const QUEUE_LIMIT = 500;
/** Events already written that a repeat counts up instead of writing another. */
const WRITTEN_LIMIT = 1000;
/** The API's own limit for the text of an event. */
const MESSAGE_LIMIT = 1024;
/** An Event is news: after these attempts (about a minute) it no longer is. */
const ATTEMPT_LIMIT = 10;
const NAME_LIMIT = 253;

interface Pending {
  readonly key: string;
  readonly subject: EventSubject;
  readonly type: Event['type'];
  readonly reason: string;
  readonly message: string;
  readonly firstAt: number;
  lastAt: number;
  count: number;
}

interface Written {
  readonly namespace: string;
  readonly name: string;
  readonly count: number;
}

/** Starts with nothing queued; writes one Event at a time until the signal is aborted. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { client, component, node, clock = systemClock, log, signal } = options;
  const buckets = createTokenBuckets(RATE);
  const queue = new Map<string, Pending>();
  const written = new Map<string, Written>();
  let writing: Promise<void> = Promise.resolve();
  let isWriting = false;
  let dropped = 0;

  function drop(event: Pick<Pending, 'subject' | 'reason'>, why: string): void {
    dropped++;
    log.debug(
      { object: event.subject.name, namespace: event.subject.namespace, reason: event.reason, why },
      'Event dropped',
    );
  }

  function enqueue(subject: EventSubject, type: Event['type'], reason: string, text: string): void {
    const now = clock.now();
    const message = text.length > MESSAGE_LIMIT ? `${text.slice(0, MESSAGE_LIMIT - 3)}...` : text;
    const object = `${subject.kind ?? 'Pod'}/${subject.namespace ?? ''}/${subject.name}/${subject.uid ?? ''}`;
    const key = JSON.stringify([object, type, reason, message]);
    const pending = queue.get(key);
    if (pending !== undefined) {
      pending.count++;
      pending.lastAt = now;
      return;
    }
    const refusal = !buckets.take(object, now) ? 'rate' : queue.size >= QUEUE_LIMIT ? 'queue full' : undefined;
    if (refusal !== undefined) {
      drop({ subject, reason }, refusal);
      return;
    }
    queue.set(key, { key, subject, type, reason, message, firstAt: now, lastAt: now, count: 1 });
    if (!isWriting) writing = drain();
  }

  async function drain(): Promise<void> {
    isWriting = true;
    try {
      for (let [event] = queue.values(); event !== undefined && !signal.aborted; [event] = queue.values()) {
        queue.delete(event.key);
        await writeUntilDone(event);
      }
    } finally {
      isWriting = false; // in the same step as the last look at the queue, so that no event waits for the next one
    }
  }

  async function writeUntilDone(event: Pending): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        remember(event.key, await write(event));
        return;
      } catch (error) {
        if (signal.aborted) return;
        const mayHelp = error instanceof ApiError && error.retriable && attempt < ATTEMPT_LIMIT;
        if (!mayHelp) return drop(event, `${codeOf(error)}: ${messageOf(error)}`);
        await clock.sleep(backoffMs(attempt), signal).catch(() => undefined); // rejects only on abort, which ends the loop
      }
    }
  }

  /** Counts up the event written before, or creates one. */
  async function write(event: Pending): Promise<Written> {
    const before = written.get(event.key);
    const lastTimestamp = toTimestamp(event.lastAt);
    if (before !== undefined) {
      const count = before.count + event.count;
      try {
        await client.mergePatch(EVENTS, before, { count, lastTimestamp }, { signal });
        return { ...before, count };
      } catch (error) {
        // Events live for an hour: the old one is gone, so a new one begins.
        if (!isApiError(error, 'NotFound')) throw error;
      }
    }
    const object = toEvent(event, component, node);
    const { namespace = 'default', name } = object.metadata;
    try {
      await client.create(EVENTS, object, { signal });
    } catch (error) {
      // An earlier attempt of ours arrived although we saw no answer.
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
    return { namespace, name, count: event.count };
  }

  function remember(key: string, entry: Written): void {
    written.delete(key);
    written.set(key, entry);
    const [oldest] = written.keys();
    if (written.size > WRITTEN_LIMIT && oldest !== undefined) written.delete(oldest);
  }

  return {
    record(subject, type, reason, message) {
      if (!signal.aborted) enqueue(subject, type, reason, message);
    },
    flush: () => writing,
    get dropped() {
      return dropped;
    },
  };
}

function toEvent(event: Pending, component: string, node: string | undefined): Event {
  const { subject, type, reason, message, firstAt, lastAt, count } = event;
  const { kind = 'Pod', namespace, name, uid } = subject;
  // Unique and the same for every attempt: object, time of the first occurrence, and what tells events of one moment apart.
  const suffix = `.${firstAt.toString(16)}.${hash(event.key)}`;
  return {
    metadata: { name: name.slice(0, NAME_LIMIT - suffix.length) + suffix, namespace: namespace ?? 'default' },
    involvedObject: {
      kind,
      name,
      ...(kind === 'Pod' ? { apiVersion: 'v1' } : {}),
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    reason,
    message,
    type,
    source: { component, ...(node === undefined ? {} : { host: node }) },
    firstTimestamp: toTimestamp(firstAt),
    lastTimestamp: toTimestamp(lastAt),
    count,
  };
}

/** FNV-1a, 32 bit. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return (value >>> 0).toString(16);
}

function toTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
