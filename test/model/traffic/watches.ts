import type { KubeObject, Resource } from '#api';
import { ApiError, type ListQuery, type WatchEvent, type WatchOptions } from '#kube';
import { listQueryString, resourcePath } from '../../../src/kube/resource-path.ts';
import { toWatchError } from '../../../src/kube/status-error.ts';
import type { JsonObject } from '../../../src/sandbox/apiserver/json.ts';
import { startWatchFeed } from '../../../src/sandbox/apiserver/watch-feed.ts';
import type { Api } from '../cluster/api.ts';
import type { Trace } from '../run/trace.ts';
import { type Link, type StreamItem, takeOut } from './link.ts';

/** Watches: the server sends at once, and each watcher hears of it when whoever drives the run says so. */
export interface Watches {
  watch<T extends KubeObject>(
    link: Link,
    resource: Resource<T>,
    query: ListQuery & { readonly resourceVersion: string },
    options: WatchOptions | undefined,
  ): AsyncIterable<WatchEvent<T>>;
  /** Those of which something can arrive now. */
  items(): readonly StreamItem[];
  /** Every open one, whether something of it can arrive or not. */
  open(): readonly StreamItem[];
  /** Ends those that have been silent for too long. */
  expire(): void;
  /** The server forgets every watch. */
  close(): void;
}

/** A watch that has been silent for so long counts as dead. */
const IDLE_MS = 150_000;

interface Stream {
  readonly link: Link;
  readonly text: string;
  readonly path: string;
  readonly query: string;
  state: 'opening' | 'open' | 'ended';
  readonly queue: JsonObject[];
  heardAt: number;
  wake: () => void;
  stop: () => void;
  onOpen: () => void;
  failure?: unknown;
}

export function createWatches(api: Api, now: () => number, trace: Trace): Watches {
  const streams: Stream[] = [];

  function open(stream: Stream): void {
    stream.state = 'open';
    stream.heardAt = now();
    const request = api.openWatch(stream.path, stream.query);
    const feed = startWatchFeed(api.store, request, now, event => stream.queue.push(event));
    stream.stop = () => feed?.stop();
    stream.onOpen();
  }

  function end(stream: Stream, failure?: unknown): void {
    if (!takeOut(streams, stream)) return;
    stream.state = 'ended';
    stream.stop();
    stream.queue.length = 0;
    stream.failure = failure;
    stream.wake();
  }

  function toItem(stream: Stream): StreamItem {
    return {
      kind: 'stream',
      text: stream.text,
      link: stream.link,
      arrive() {
        if (stream.state === 'opening') return open(stream);
        stream.heardAt = now();
        stream.wake();
      },
      cut() {
        trace(() => `${stream.link.name}: ${stream.text} is cut`);
        end(stream, new ApiError('Unreachable', `Cannot ${stream.text}: connection reset`));
      },
    };
  }

  async function* watch<T extends KubeObject>(
    link: Link,
    resource: Resource<T>,
    query: ListQuery & { readonly resourceVersion: string },
    { signal, onOpen }: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    const extra = { watch: 'true', resourceVersion: query.resourceVersion };
    const stream: Stream = {
      link,
      text: `watch ${resource.plural}`,
      path: resourcePath(resource, { namespace: query.namespace }),
      query: listQueryString(query, extra).slice(1),
      state: 'opening',
      queue: [],
      heardAt: now(),
      wake: () => undefined,
      stop: () => undefined,
      onOpen: () => onOpen?.(),
    };
    streams.push(stream);
    try {
      for (;;) {
        if (stream.state !== 'ended') await new Promise<void>(resolve => Object.assign(stream, { wake: resolve }));
        signal?.throwIfAborted();
        if (stream.failure !== undefined) throw stream.failure;
        if (stream.state === 'ended') return;
        for (const event of stream.queue.splice(0)) {
          if (event['type'] === 'ERROR') throw toWatchError(stream.text, event['object']);
          // The server made it by the resource's schema.
          yield event as unknown as WatchEvent<T>;
        }
      }
    } finally {
      end(stream);
    }
  }

  function forgetEnded(): void {
    for (const stream of streams.filter(({ link }) => link.isOver)) {
      takeOut(streams, stream);
      stream.stop();
    }
  }

  return {
    watch,
    items() {
      forgetEnded();
      return streams
        .filter(({ link, state, queue }) => !link.isCut && (state === 'opening' || queue.length > 0))
        .map(toItem);
    },
    open() {
      forgetEnded();
      return streams.filter(({ state }) => state === 'open').map(toItem);
    },
    expire() {
      forgetEnded();
      for (const stream of [...streams]) {
        if (now() - stream.heardAt < IDLE_MS) continue;
        // Bookmarks come each minute over a watch that works.
        if (stream.link.isCut || stream.queue.length > 0) toItem(stream).cut();
        else stream.heardAt = now();
      }
    },
    close() {
      for (const stream of streams.splice(0)) stream.stop();
    },
  };
}
