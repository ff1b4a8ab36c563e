import type { KubeObject, Resource } from '#api';
import type { CallOptions, KubeClient, ListQuery } from '#kube';
import { describeObject, listQueryString, resourcePath } from '../../../src/kube/resource-path.ts';
import { NO_OBJECTS, readColumns, TABLE, type TablePage } from '../../../src/kube/table.ts';
import type { ApiCall } from '../cluster/api.ts';
import type { Calls } from './calls.ts';
import type { Link } from './link.ts';
import type { Watches } from './watches.ts';

/** What a process has of the API server, by its link. */
export function createClient(link: Link, calls: Calls, watches: Watches): KubeClient {
  const call = async (
    what: string,
    resource: Resource,
    request: Omit<ApiCall, 'what'>,
    options: CallOptions | undefined,
    name: { readonly namespace?: string; readonly name: string },
    // biome-ignore lint/suspicious/noExplicitAny: each method says of which kind it is
  ): Promise<any> => calls.send(link, { ...request, what: `${what} ${describeObject(resource, name)}` }, options);
  return {
    get: (resource, name, options) =>
      call('get', resource, { method: 'GET', path: resourcePath(resource, name) }, options, name),
    async list<T extends KubeObject>(resource: Resource<T>, query: ListQuery = {}, options?: CallOptions) {
      const request = {
        what: `list ${resource.plural}`,
        method: 'GET',
        path: resourcePath(resource, { namespace: query.namespace }),
        query: listQueryString(query).slice(1),
        ...(query.metadataOnly === true ? { accept: METADATA_ONLY_LIST } : {}),
      };
      // The server made it by the resource's schema.
      const page = (await calls.send(link, request, options)) as ListPage<T>;
      return { items: page.items ?? [], resourceVersion: page.metadata.resourceVersion };
    },
    async listColumns(resource, columns, query = {}, options) {
      const request = {
        what: `list ${resource.plural}`,
        method: 'GET',
        path: resourcePath(resource, { namespace: query.namespace }),
        query: listQueryString(query, NO_OBJECTS).slice(1),
        accept: TABLE,
      };
      // The server made it of the resource's columns.
      return readColumns(resource, (await calls.send(link, request, options)) as TablePage, columns);
    },
    async version(resource, query = {}, options) {
      const request = {
        what: `list ${resource.plural}`,
        method: 'GET',
        path: resourcePath(resource, { namespace: query.namespace }),
        query: listQueryString(query, { limit: '1' }).slice(1),
        accept: METADATA_ONLY_LIST,
      };
      return ((await calls.send(link, request, options)) as ListPage<KubeObject>).metadata.resourceVersion;
    },
    create: (resource, body, options) => {
      const path = resourcePath(resource, { namespace: body.metadata.namespace });
      return call('create', resource, { method: 'POST', path, body }, options, body.metadata);
    },
    update: (resource, body, options) => {
      const { namespace, name } = body.metadata;
      const path = resourcePath(resource, { namespace, name, subresource: options?.subresource });
      return call('update', resource, { method: 'PUT', path, body }, options, body.metadata);
    },
    mergePatch: (resource, name, body, options) => {
      const path = resourcePath(resource, { ...name, subresource: options?.subresource });
      const contentType = 'application/merge-patch+json';
      return call('patch', resource, { method: 'PATCH', path, body, contentType }, options, name);
    },
    async delete(resource, name, { preconditions, gracePeriodSeconds, ...options } = {}) {
      const body = { preconditions, gracePeriodSeconds };
      await call('delete', resource, { method: 'DELETE', path: resourcePath(resource, name), body }, options, name);
    },
    watch: (resource, query, options) => watches.watch(link, resource, query, options),
    close: () => undefined,
  };
}

interface ListPage<T> {
  readonly items?: readonly T[];
  readonly metadata: { readonly resourceVersion: string };
}

const METADATA_ONLY_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
