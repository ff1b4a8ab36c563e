import type { IncomingMessage } from 'node:http';
import type { KubeObject, Resource } from '#api';
import type { Clock } from '#base';
import { systemClock } from '#base';
import type { CallOptions, KubeClient, ListQuery, ObjectList, WatchEvent, WatchOptions } from './client.ts';
import { ApiError, BAD_RESPONSE } from './errors.ts';
import type { Kubeconfig } from './kubeconfig.ts';
import { describeObject, listQueryString, resourcePath } from './resource-path.ts';
import { toStatusError } from './status-error.ts';
import { NO_OBJECTS, type PageBody, readColumns, TABLE, type TablePage } from './table.ts';
import type { Transport, TransportRequest } from './transport.ts';
import { createTransport, toUnreachable } from './transport.ts';
import { readWatchStream } from './watch-stream.ts';

const DEFAULT_TIMEOUT_MS = 10_000;
const DEFAULT_IDLE_TIMEOUT_MS = 150_000;
/** Objects a page: what client-go's reflectors use. */
const DEFAULT_PAGE_SIZE = 500;
/** The server ends each watch after a random time in this span, so that watches spread over servers again after one restarted. */
const WATCH_SECONDS = { min: 300, max: 600 };
const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const METADATA_ONLY_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

export interface KubeClientOptions {
  /** @default underlane */
  readonly userAgent?: string;
  readonly clock?: Clock;
}

/**
 * A client for the API server of `config`. Nothing is sent before the first call. Besides {@link ApiError}, calls reject with
 * their signal's reason when aborted. A create or patch that ends in `Unreachable` may have happened.
 */
export function createKubeClient(config: Kubeconfig, options: KubeClientOptions = {}): KubeClient {
  const transport = createTransport(config, options.userAgent ?? 'underlane', options.clock ?? systemClock);

  async function call(
    what: string,
    request: Omit<TransportRequest, 'timeoutMs'>,
    { signal, timeoutMs }: CallOptions = {},
  ): Promise<unknown> {
    const full = { ...request, signal, timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS };
    const response = await transport.open(full);
    const body = await readBody(full, config.server, response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw toStatusError(what, status, body, response.headers['retry-after']);
    return parseBody(what, body);
  }

  async function* pages<T extends PageBody>(
    resource: Resource,
    query: ListQuery,
    headers: { readonly accept: string },
    form: Readonly<Record<string, string>>,
    callOptions?: CallOptions,
  ): AsyncGenerator<T> {
    const limit = query.notOlderThan === undefined ? { limit: String(query.limit ?? DEFAULT_PAGE_SIZE) } : {};
    for (let token = ''; ; ) {
      const params = { ...form, ...limit, ...(token === '' ? {} : { continue: token }) };
      const path = resourcePath(resource, { namespace: query.namespace }) + listQueryString(query, params);
      const page = (await call(`list ${resource.plural}`, { method: 'GET', path, headers }, callOptions)) as T;
      yield page;
      token = page.metadata?.continue ?? '';
      if (token === '') return;
    }
  }

  return {
    async get<T extends KubeObject>(
      resource: Resource<T>,
      name: { namespace?: string; name: string },
      callOptions?: CallOptions,
    ) {
      return (await call(
        `get ${describeObject(resource, name)}`,
        { method: 'GET', path: resourcePath(resource, name) },
        callOptions,
      )) as T;
    },
    async list<T extends KubeObject>(resource: Resource<T>, query: ListQuery = {}, callOptions?: CallOptions) {
      const items: T[] = [];
      let resourceVersion = '';
      const accept = query.metadataOnly ? METADATA_ONLY_LIST : 'application/json';
      for await (const page of pages<ListBody<T>>(resource, query, { accept }, {}, callOptions)) {
        items.push(...(page.items ?? []));
        resourceVersion = page.metadata?.resourceVersion ?? '';
      }
      return { items, resourceVersion } satisfies ObjectList<T>;
    },
    async listColumns(resource, columns, query = {}, callOptions) {
      const rows: (readonly string[])[] = [];
      for await (const page of pages<TablePage>(resource, query, { accept: TABLE }, NO_OBJECTS, callOptions)) {
        rows.push(...readColumns(resource, page, columns));
      }
      return rows;
    },
    async version(
      resource: Resource,
      query: Pick<ListQuery, 'namespace' | 'fieldSelector'> = {},
      callOptions?: CallOptions,
    ) {
      const path = resourcePath(resource, { namespace: query.namespace }) + listQueryString(query, { limit: '1' });
      const request = { method: 'GET', path, headers: { accept: METADATA_ONLY_LIST } };
      const page = (await call(`list ${resource.plural}`, request, callOptions)) as ListBody<KubeObject>;
      return page.metadata?.resourceVersion ?? '';
    },
    async create<T extends KubeObject>(resource: Resource<T>, object: T, callOptions?: CallOptions) {
      const { namespace } = object.metadata;
      const request = {
        method: 'POST',
        path: resourcePath(resource, { namespace }),
        headers: JSON_BODY,
        body: encode(resource, object),
      };
      return (await call(`create ${describeObject(resource, object.metadata)}`, request, callOptions)) as T;
    },
    async update<T extends KubeObject>(
      resource: Resource<T>,
      object: T,
      callOptions?: CallOptions & { readonly subresource?: 'status' },
    ) {
      const { namespace, name } = object.metadata;
      const path = resourcePath(resource, { namespace, name, subresource: callOptions?.subresource });
      const request = { method: 'PUT', path, headers: JSON_BODY, body: encode(resource, object) };
      return (await call(`update ${describeObject(resource, object.metadata)}`, request, callOptions)) as T;
    },
    async mergePatch<T extends KubeObject>(
      resource: Resource<T>,
      name: { namespace?: string; name: string },
      body: unknown,
      callOptions?: CallOptions & { readonly subresource?: 'status' },
    ) {
      const path = resourcePath(resource, { ...name, subresource: callOptions?.subresource });
      const request = { method: 'PATCH', path, headers: MERGE_PATCH_BODY, body: JSON.stringify(body) };
      return (await call(`patch ${describeObject(resource, name)}`, request, callOptions)) as T;
    },
    async delete(resource, name, callOptions) {
      const { preconditions, gracePeriodSeconds } = callOptions ?? {};
      // Members that are undefined are left out of JSON.
      const body = JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions, gracePeriodSeconds });
      await call(
        `delete ${describeObject(resource, name)}`,
        { method: 'DELETE', path: resourcePath(resource, name), headers: JSON_BODY, body },
        callOptions,
      );
    },
    watch(resource, query, watchOptions) {
      return watch(transport, config.server, resource, query, watchOptions);
    },
    close() {
      transport.close();
    },
  };
}

const JSON_HEADERS = { accept: 'application/json' };
const JSON_BODY = { ...JSON_HEADERS, 'content-type': 'application/json' };
const MERGE_PATCH_BODY = { ...JSON_HEADERS, 'content-type': 'application/merge-patch+json' };

interface ListBody<T> extends PageBody {
  readonly items?: readonly T[];
}

async function* watch<T extends KubeObject>(
  transport: Transport,
  server: string,
  resource: Resource<T>,
  query: ListQuery & { readonly resourceVersion: string },
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent<T>> {
  const what = `watch ${resource.plural}`;
  const seconds = Math.round(WATCH_SECONDS.min + Math.random() * (WATCH_SECONDS.max - WATCH_SECONDS.min));
  const params = {
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: query.resourceVersion,
    timeoutSeconds: String(seconds),
  };
  const request: TransportRequest = {
    method: 'GET',
    path: resourcePath(resource, { namespace: query.namespace }) + listQueryString(query, params),
    headers: query.metadataOnly ? { accept: METADATA_ONLY } : JSON_HEADERS,
    signal: options.signal,
    timeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
    isStream: true,
  };
  const response = await transport.open(request);
  try {
    const status = response.statusCode ?? 0;
    if (status !== 200)
      throw toStatusError(what, status, await readBody(request, server, response), response.headers['retry-after']);
    options.onOpen?.();
    yield* readWatchStream<T>(what, response);
  } catch (error) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw error instanceof ApiError ? error : toUnreachable(request, server, error);
  } finally {
    response.destroy();
  }
}

async function readBody(request: TransportRequest, server: string, response: IncomingMessage): Promise<string> {
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk);
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw toUnreachable(request, server, error);
  }
}

function parseBody(what: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ApiError(BAD_RESPONSE, `Cannot ${what}: answer "${body.slice(0, 100)}" must be JSON`, { cause });
  }
}

/** Objects that came from a list carry no apiVersion and kind, and the server wants both. */
function encode(resource: Resource, object: KubeObject): string {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
  return JSON.stringify({ apiVersion, kind: resource.kind, ...object });
}
