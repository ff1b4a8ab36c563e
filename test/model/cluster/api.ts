/** The sandbox's API server without sockets: requests are answered in the caller's turn. */
import { type KubeObject, listCrds, type Resource } from '#api';
import { ApiError } from '#kube';
import { toStatusError } from '../../../src/kube/status-error.ts';
import { type ApiReply, createApiHandler } from '../../../src/sandbox/apiserver/api-handler.ts';
import { createObjectStore, type ObjectStore } from '../../../src/sandbox/apiserver/object-store.ts';
import { createResourceRegistry } from '../../../src/sandbox/apiserver/resource-registry.ts';
import { StatusError, toStatus } from '../../../src/sandbox/apiserver/status-error.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../../src/sandbox/resources.ts';
import { kubeVirtCrds } from './kube-virt-crds.ts';

export interface Api {
  readonly store: ObjectStore;
  /** @throws ApiError as a client would get it */
  request(request: ApiCall): unknown;
  openWatch(path: string, query: string): Extract<ApiReply, { readonly kind: 'watch' }>['request'];
  /** Removes every object that a run has made. */
  clear(): void;
}

export interface ApiCall {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly query?: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: unknown;
}

const KEPT_STORAGES = ['/namespaces', 'apiextensions.k8s.io/customresourcedefinitions'];

/** A server with all our kinds. Making one takes as long as many runs do: runs follow each other on one. */
export function startApi(now: () => number): Api {
  const store = createObjectStore({ historyLimit: 200, firstVersion: 1_000 });
  const registry = createResourceRegistry(store, { serviceCidrs: ['10.96.0.0/16'], now });
  const handler = createApiHandler(store, registry, now);
  const made = new Map<string, { readonly storage: string; readonly namespace?: string; readonly name: string }>();
  const note = (storage: string, { metadata }: KubeObject): void => {
    const { namespace, name } = metadata;
    const place = { storage, name, ...(namespace === undefined ? {} : { namespace }) };
    if (!KEPT_STORAGES.includes(storage)) made.set(`${storage}/${namespace ?? ''}/${name}`, place);
  };
  store.subscribeAll((storage, { object }) => note(storage, object));

  function handle({ method, path, query = '', accept, contentType, body }: ApiCall): ApiReply {
    const reply = handler.handle({
      ...{ method, path, accept, contentType },
      query: new URLSearchParams(query),
      body: body === undefined ? '' : JSON.stringify(body),
      warn: () => undefined,
    });
    if (reply instanceof Promise) throw new TypeError('webhooks are not asked here');
    return reply;
  }

  const create = (resource: Resource, object: KubeObject): void => {
    const root = resource.group === '' ? '/api' : `/apis/${resource.group}`;
    handle({ what: '', method: 'POST', path: `${root}/${resource.version}/${resource.plural}`, body: object });
  };
  for (const name of ['default', 'kube-system']) {
    create(
      { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', isNamespaced: false },
      { metadata: { name } },
    );
  }
  for (const crd of [...listCrds(), ...kubeVirtCrds()]) create(CUSTOM_RESOURCE_DEFINITIONS, crd);

  return {
    store,
    request(call) {
      try {
        const reply = handle(call);
        if (reply.kind === 'json') return reply.body;
        throw new ApiError('NotFound', `Cannot ${call.what}: 404 page not found`, { httpStatus: 404 });
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        throw toStatusError(call.what, error.httpStatus, JSON.stringify(toStatus(error)), undefined);
      }
    },
    openWatch(path, query) {
      const reply = handle({ what: 'watch', method: 'GET', path, query });
      if (reply.kind !== 'watch') throw new TypeError(`no watch at ${path}`);
      return reply.request;
    },
    clear() {
      for (const { storage, namespace, name } of made.values()) store.delete(storage, namespace, name);
      made.clear();
      store.compact();
    },
  };
}
