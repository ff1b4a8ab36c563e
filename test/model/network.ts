/** What is under way between processes and the API server: who drives the run decides what arrives, when, and what is lost. */
import type { KubeObject, Resource } from '#api';
import type { CallOptions, KubeClient, ListQuery, WatchEvent, WatchOptions } from '#kube';
import { ApiError } from '#kube';
import { describeObject, listQueryString, resourcePath } from '../../src/kube/resource-path.ts';
import { toWatchError } from '../../src/kube/status-error.ts';
import type { JsonObject } from '../../src/sandbox/apiserver/json.ts';
import { startWatchFeed } from '../../src/sandbox/apiserver/watch-feed.ts';
import type { Api, ApiCall } from './api.ts';
import type { Trace } from './trace.ts';

/** A process's way to the API server. */
export interface Link {
  readonly name: string;
  /** The process has ended: it hears of nothing any more. */
  readonly isOver: boolean;
  /** Nothing gets through, and nobody says so. */
  readonly isCut: boolean;
}

/** Something that can arrive next. */
export interface Item {
  readonly kind: 'call' | 'stream';
  readonly text: string;
  readonly link: Link;
  /** Lets it arrive; a call is carried out and its answer comes. */
  arrive(): void;
}

export interface CallItem extends Item {
  readonly kind: 'call';
  /** The server has carried it out; the answer is under way. */
  readonly isAnswered: boolean;
  carryOut(): void;
  /** The caller hears that it failed. What the server does not know yet it may still get to know: see `Network.late`. */
  lose(why: ApiError): void;
}

export interface StreamItem extends Item {
  readonly kind: 'stream';
  /** Ends the watch; what has not arrived never will. */
  cut(): void;
}

export interface Network {
  /** Whose call the server is carrying out. */
  readonly acting: Link | undefined;
  connect(link: Link): KubeClient;
  /** All that can arrive now, oldest first. */
  items(): readonly (CallItem | StreamItem)[];
  /** Every watch, whether something of it can arrive or not. */
  streams(): readonly StreamItem[];
  /** Calls that nobody waits for any more, and that the server may still get. */
  late(): readonly { readonly text: string; carryOut(): void; drop(): void }[];
  /** Ends what has taken too long by now. */
  expire(): void;
  /** The server forgets every watch: it would go on telling runs that are over what happens in the next ones. */
  close(): void;
}

export interface NetworkOptions {
  readonly api: Api;
  readonly now: () => number;
  readonly trace: Trace;
}

const CALL_TIMEOUT_MS = 10_000;
/** How long a call may still be carried out after its caller has given it up. */
const LATE_MS = 60_000;
/** A watch that has been silent for so long counts as dead. */
const IDLE_MS = 150_000;

interface Call {
  readonly link: Link;
  readonly call: ApiCall;
  readonly until: number;
  readonly settle: (answer: Answer) => void;
  answer?: Answer;
}

type Answer = { readonly value: unknown } | { readonly error: unknown };

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

export function createNetwork({ api, now, trace }: NetworkOptions): Network {
  const calls: Call[] = [];
  const lateCalls: { readonly link: Link; readonly call: ApiCall; readonly until: number }[] = [];
  const streams: Stream[] = [];
  let acting: Link | undefined;

  function carryOut(link: Link, call: ApiCall): Answer {
    acting = link;
    try {
      const value = api.request(call);
      trace(() => `${link.name}: ${call.what}: done`);
      return { value };
    } catch (error) {
      trace(() => `${link.name}: ${call.what}: ${error instanceof ApiError ? error.code : String(error)}`);
      return { error };
    } finally {
      acting = undefined;
    }
  }

  function takeOut<T>(list: T[], item: T): boolean {
    const index = list.indexOf(item);
    if (index >= 0) list.splice(index, 1);
    return index >= 0;
  }

  function giveUp(call: Call, answer: Answer): void {
    if (!takeOut(calls, call)) return;
    if (call.answer === undefined && call.call.method !== 'GET') lateCalls.push({ ...call, until: now() + LATE_MS });
    call.settle(answer);
  }

  function toCallItem(call: Call): CallItem {
    return {
      kind: 'call',
      text: call.call.what,
      link: call.link,
      isAnswered: call.answer !== undefined,
      carryOut() {
        call.answer ??= carryOut(call.link, call.call);
      },
      arrive() {
        call.answer ??= carryOut(call.link, call.call);
        takeOut(calls, call);
        call.settle(call.answer);
      },
      lose(why) {
        trace(() => `${call.link.name}: ${call.call.what}: the answer is ${why.code}`);
        giveUp(call, { error: why });
      },
    };
  }

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

  function toStreamItem(stream: Stream): StreamItem {
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

  function send(
    link: Link,
    call: ApiCall,
    { signal, timeoutMs = CALL_TIMEOUT_MS }: CallOptions = {},
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (link.isOver) return;
      if (signal?.aborted) return reject(signal.reason);
      const pending: Call = {
        link,
        call,
        until: now() + timeoutMs,
        settle(answer) {
          signal?.removeEventListener('abort', onAbort);
          if (link.isOver) return;
          if ('error' in answer) reject(answer.error);
          else resolve(answer.value);
        },
      };
      const onAbort = (): void => giveUp(pending, { error: signal?.reason });
      signal?.addEventListener('abort', onAbort, { once: true });
      calls.push(pending);
    });
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

  /** A process that has ended waits for nothing; what it had sent may still arrive. */
  function forgetEnded(): void {
    for (const call of calls.filter(({ link }) => link.isOver)) giveUp(call, { value: undefined });
    for (const stream of streams.filter(({ link }) => link.isOver)) {
      takeOut(streams, stream);
      stream.stop();
    }
  }

  return {
    get acting() {
      return acting;
    },
    items() {
      forgetEnded();
      return [
        ...calls.filter(({ link }) => !link.isCut).map(toCallItem),
        ...streams
          .filter(({ link, state, queue }) => !link.isCut && (state === 'opening' || queue.length > 0))
          .map(toStreamItem),
      ];
    },
    streams() {
      forgetEnded();
      return streams.filter(({ state }) => state === 'open').map(toStreamItem);
    },
    late: () =>
      lateCalls
        .filter(({ link }) => !link.isCut)
        .map(late => ({
          text: late.call.what,
          carryOut: () =>
            void (takeOut(lateCalls, late) && carryOut(late.link, { ...late.call, what: `${late.call.what}, late` })),
          drop: () => void takeOut(lateCalls, late),
        })),
    expire() {
      forgetEnded();
      for (const call of calls.filter(({ until }) => until <= now())) {
        giveUp(call, { error: new ApiError('Unreachable', `Cannot ${call.call.what}: timed out`) });
      }
      for (const late of lateCalls.filter(({ until }) => until <= now())) takeOut(lateCalls, late);
      for (const stream of [...streams]) {
        if (now() - stream.heardAt < IDLE_MS) continue;
        // Bookmarks come each minute over a watch that works.
        if (stream.link.isCut || stream.queue.length > 0) toStreamItem(stream).cut();
        else stream.heardAt = now();
      }
    },
    close() {
      for (const stream of streams.splice(0)) stream.stop();
    },
    connect(link) {
      const object = async (
        what: string,
        resource: Resource,
        call: Omit<ApiCall, 'what'>,
        options: CallOptions | undefined,
        name: { readonly namespace?: string; readonly name: string },
        // biome-ignore lint/suspicious/noExplicitAny: each method says of which kind it is
      ): Promise<any> => send(link, { ...call, what: `${what} ${describeObject(resource, name)}` }, options);
      return {
        get: (resource, name, options) =>
          object('get', resource, { method: 'GET', path: resourcePath(resource, name) }, options, name),
        async list<T extends KubeObject>(resource: Resource<T>, query: ListQuery = {}, options?: CallOptions) {
          const page = (await send(
            link,
            {
              what: `list ${resource.plural}`,
              method: 'GET',
              path: resourcePath(resource, { namespace: query.namespace }),
              query: listQueryString(query).slice(1),
              ...(query.metadataOnly === true ? { accept: METADATA_ONLY_LIST } : {}),
            },
            options,
          )) as { readonly items?: readonly T[]; readonly metadata: { readonly resourceVersion: string } };
          return { items: page.items ?? [], resourceVersion: page.metadata.resourceVersion };
        },
        create: (resource, body, options) => {
          const path = resourcePath(resource, { namespace: body.metadata.namespace });
          return object('create', resource, { method: 'POST', path, body }, options, body.metadata);
        },
        update: (resource, body, options) => {
          const { namespace, name } = body.metadata;
          const path = resourcePath(resource, { namespace, name, subresource: options?.subresource });
          return object('update', resource, { method: 'PUT', path, body }, options, body.metadata);
        },
        mergePatch: (resource, name, body, options) => {
          const path = resourcePath(resource, { ...name, subresource: options?.subresource });
          const contentType = 'application/merge-patch+json';
          return object('patch', resource, { method: 'PATCH', path, body, contentType }, options, name);
        },
        async delete(resource, name, { preconditions, gracePeriodSeconds, ...options } = {}) {
          const body = { preconditions, gracePeriodSeconds };
          await object(
            'delete',
            resource,
            { method: 'DELETE', path: resourcePath(resource, name), body },
            options,
            name,
          );
        },
        watch: (resource, query, options) => watch(link, resource, query, options),
        close: () => undefined,
      };
    },
  };
}

const METADATA_ONLY_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
