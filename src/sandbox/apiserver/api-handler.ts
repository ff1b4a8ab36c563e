import type { Admission } from './admission/admission.ts';
import { createWebhookAdmission, Undecided } from './admission/webhook-admission.ts';
import type { ApiObject } from './api-object.ts';
import { applyPatch } from './apply-patch.ts';
import { coreVersions, groupDocument, groupList, resourceList } from './discovery.ts';
import { isDryRun } from './dry-run.ts';
import { createDryStore } from './dry-store.ts';
import { createGarbageCollector } from './garbage-collector.ts';
import type { JsonObject } from './json.ts';
import { objectOr } from './json.ts';
import { createListReader } from './list-reader.ts';
import type { ObjectDeleter } from './object-deleter.ts';
import { createObjectDeleter, deletionReply, parseDeleteOptions } from './object-deleter.ts';
import type { ObjectStore } from './object-store.ts';
import type { ObjectWriter } from './object-writer.ts';
import { createObjectWriter } from './object-writer.ts';
import { negotiateForm, parseIncluded, renderList, renderObject } from './representation.ts';
import type { RequestPath } from './request-path.ts';
import { parseRequestPath } from './request-path.ts';
import type { ResourceRegistry } from './resource-registry.ts';
import { parseSelectors } from './selector.ts';
import type { ServedResource, Subresource } from './served-resource.ts';
import { hasSubresource, storageOf } from './served-resource.ts';
import { badRequest, methodNotAllowed, StatusError } from './status-error.ts';
import { bindPod, toScale, withScale } from './subresources.ts';
import type { WatchRequest } from './watch-feed.ts';

export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
  /** Hears what is to be told to the client besides the answer. */
  readonly warn: (text: string) => void;
}

/** What a request brings along while it is handled, once or, where webhooks are asked, several times. */
interface Handled extends ApiRequest {
  readonly admission: Admission;
}

export type ApiReply =
  | { readonly kind: 'json'; readonly status: number; readonly body: JsonObject }
  | {
      readonly kind: 'watch';
      readonly request: WatchRequest;
      readonly timeoutSeconds: number | undefined;
      readonly hasBookmarks: boolean;
    }
  | { readonly kind: 'none' };

type ResourcePath = Extract<RequestPath, { readonly kind: 'resource' }>;

export interface ApiHandler {
  /** At once, but where webhooks are asked. */
  handle(request: ApiRequest): ApiReply | Promise<ApiReply>;
  /** Lets go of the store, which others may go on to use. */
  stop(): void;
}

/**
 * Answers API requests, each at once and in memory. `none` means that nothing is served at the path.
 * @throws StatusError where the API says no
 */
export function createApiHandler(store: ObjectStore, registry: ResourceRegistry, now: () => number): ApiHandler {
  const dryStore = createDryStore(store);
  const [deleter, dryDeleter] = [
    createObjectDeleter(store, registry, now),
    createObjectDeleter(dryStore, registry, now),
  ];
  // What the server does by itself asks nobody.
  const collector = createGarbageCollector(store, registry, createObjectWriter(store, now), deleter);
  const lists = createListReader(store);

  /** A request that is only tried sees the same server, and leaves nothing. */
  function toolsFor({ query, admission }: Handled, isTried = isDryRun(query)): Tools {
    const on = isTried ? dryStore : store;
    return {
      store: on,
      writer: createObjectWriter(on, now, admission),
      deleter: isTried ? dryDeleter : deleter,
    };
  }

  function onCollection(resource: ServedResource, path: ResourcePath, request: Handled): ApiReply {
    const { namespace } = path;
    const form = negotiateForm(request.accept);
    switch (request.method) {
      case 'GET': {
        const watch = request.query.get('watch');
        if (watch === 'true' || watch === '1') return watchReply(resource, namespace, request);
        const included = parseIncluded(request.query.get('includeObject'));
        const page = lists.read(resource, namespace, request.query);
        return json(200, renderList(resource, page.objects, form, now(), page.metadata, included));
      }
      case 'POST':
        if (resource.isNamespaced && namespace === undefined) throw methodNotAllowed();
        return json(
          201,
          renderObject(
            resource,
            toolsFor(request).writer.create(resource, namespace, parseJson(request.body)),
            form,
            now(),
          ),
        );
      case 'DELETE': {
        const isWanted = parseSelectors(resource, request.query);
        const options = parseDeleteOptions(parseJson(request.body || '{}'), request.query);
        const doomed = store.list(storageOf(resource), namespace).filter(isWanted);
        // All are asked about before the first goes: what was asked about later would find it gone.
        for (const object of doomed) admitDelete(resource, object, request);
        const tools = toolsFor(request, options.isDryRun === true);
        const deleted = doomed.map(object => tools.deleter.delete(resource, object, options).object);
        return json(200, renderList(resource, deleted, 'object', now(), { resourceVersion: String(store.version) }));
      }
      default:
        throw methodNotAllowed();
    }
  }

  function watchReply(
    resource: ServedResource,
    namespace: string | undefined,
    { query, accept }: ApiRequest,
    name?: string,
  ): ApiReply {
    const byQuery = parseSelectors(resource, query);
    const selector: WatchRequest['selector'] = object =>
      byQuery(object) && (name === undefined || object.metadata.name === name);
    const watch = {
      resource,
      namespace,
      selector,
      form: negotiateForm(accept),
      since: parseVersion(query.get('resourceVersion')),
    };
    const timeout = Number(query.get('timeoutSeconds') ?? 0);
    return {
      kind: 'watch',
      request: watch,
      timeoutSeconds: timeout > 0 ? timeout : undefined,
      hasBookmarks: query.get('allowWatchBookmarks') === 'true',
    };
  }

  function onObject(
    resource: ServedResource,
    path: ResourcePath & { readonly name: string },
    request: Handled,
  ): ApiReply {
    const { namespace, name } = path;
    const { writer, deleter: own } = toolsFor(request);
    if (resource.kind === 'Pod' && CONTAINER_SUBRESOURCES[path.subresource ?? ''] !== undefined) {
      writer.get(resource, namespace, name);
      throw badRequest(
        `this server runs no containers: pod ${name} has no ${CONTAINER_SUBRESOURCES[path.subresource ?? '']}`,
      );
    }
    const subresource = parseSubresource(resource, path.subresource);
    if (subresource === 'binding') return bind(resource, path, request);
    if (request.method === 'GET' && request.query.get('watch') === 'true')
      return watchReply(resource, namespace, request, name);
    const form = negotiateForm(request.accept);
    const object = writer.get(resource, namespace, name);
    switch (request.method) {
      case 'GET':
        return json(200, subresource === 'scale' ? toScale(object) : renderObject(resource, object, form, now()));
      case 'PUT':
      case 'PATCH': {
        const current =
          subresource === 'scale' ? toScale(object) : objectOr(renderObject(resource, object, 'object', now()));
        const wanted =
          request.method === 'PUT'
            ? parseJson(request.body)
            : applyPatch(resource, current, request.contentType, parseJson(request.body));
        if (subresource === 'scale')
          return json(200, toScale(writer.replace(resource, object, withScale(object, wanted), { subresource })));
        const replaced = writer.replace(resource, object, wanted, { subresource, isPatch: request.method === 'PATCH' });
        own.finishNamespace(namespace);
        return json(200, renderObject(resource, replaced, form, now()));
      }
      case 'DELETE':
        if (subresource !== undefined) throw methodNotAllowed();
        return onDelete(resource, object, request);
      default:
        throw methodNotAllowed();
    }
  }

  function onDelete(resource: ServedResource, object: ApiObject, request: Handled): ApiReply {
    const options = parseDeleteOptions(parseJson(request.body || '{}'), request.query);
    admitDelete(resource, object, request);
    const tools = toolsFor(request, options.isDryRun === true);
    return json(200, deletionReply(resource, tools.deleter.delete(resource, object, options)));
  }

  function admitDelete(resource: ServedResource, previous: ApiObject, { admission }: Handled): void {
    const { namespace, name } = previous.metadata;
    admission.check({ operation: 'DELETE', resource, namespace, name, previous }, undefined);
  }

  function bind(
    resource: ServedResource,
    { namespace, name }: ResourcePath & { readonly name: string },
    request: Handled,
  ): ApiReply {
    if (request.method !== 'POST') throw methodNotAllowed();
    const tools = toolsFor(request);
    tools.store.put(
      storageOf(resource),
      bindPod(resource, tools.writer.get(resource, namespace, name), objectOr(parseJson(request.body))),
    );
    return json(201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
  }

  function route(request: Handled): ApiReply {
    checkContentType(request);
    const path = parseRequestPath(request.path);
    if (path.kind === 'resource') {
      if (path.plural === REVIEWS.plural && path.group === REVIEWS.group) return review(path, request);
      const resource = registry.find(path.group, path.version, path.plural);
      if (resource === undefined || (path.namespace !== undefined && !resource.isNamespaced))
        return missing(path, registry.list());
      const { name } = path;
      if (name === undefined) return onCollection(resource, path, request);
      return resource.isNamespaced && path.namespace === undefined
        ? { kind: 'none' }
        : onObject(resource, { ...path, name }, request);
    }
    const document = discover(path, registry.list());
    return document === undefined ? { kind: 'none' } : json(200, document);
  }

  function attempt(request: Handled): ApiReply {
    const reply = route(request);
    collector.collect();
    return reply;
  }

  return {
    handle(request) {
      const isTried = isDryRun(request.query, bodyOfDelete(request));
      const admission = createWebhookAdmission(store, { isDryRun: isTried, warn: request.warn });
      const handled = { ...request, admission };
      try {
        return attempt(handled);
      } catch (error) {
        if (error instanceof Undecided) return decideAndRetry(error, () => attempt(handled));
        throw error;
      }
    },
    stop: () => collector.stop(),
  };
}

async function decideAndRetry(first: Undecided, attempt: () => ApiReply): Promise<ApiReply> {
  for (let undecided = first; ; ) {
    await undecided.decide();
    try {
      return attempt();
    } catch (error) {
      if (!(error instanceof Undecided)) throw error;
      undecided = error;
    }
  }
}

/** Options of deletes may stand in the body. */
function bodyOfDelete({ method, body }: ApiRequest): unknown {
  return method === 'DELETE' && body !== '' ? parseJson(body) : undefined;
}

interface Tools {
  readonly store: ObjectStore;
  readonly writer: ObjectWriter;
  readonly deleter: ObjectDeleter;
}

/** What other forms there are (protobuf) were made JSON before. */
function checkContentType({ body, contentType }: ApiRequest): void {
  if (body === '' || contentType === undefined || contentType.includes('json')) return;
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format (${contentType}) - accepted media types include: application/json`,
  );
}

/** What a pod has only where a container runs in it. */
const CONTAINER_SUBRESOURCES: Readonly<Record<string, string>> = {
  log: 'logs',
  exec: 'exec',
  attach: 'attach',
  portforward: 'port-forward',
};

const REVIEWS = { group: 'authorization.k8s.io', version: 'v1', plural: 'selfsubjectaccessreviews' };

/** `kubectl auth can-i`: whoever was let in may do everything. */
function review({ version }: ResourcePath, { method, body }: ApiRequest): ApiReply {
  if (version !== REVIEWS.version) return { kind: 'none' };
  if (method !== 'POST') throw methodNotAllowed();
  return json(201, { ...objectOr(parseJson(body)), status: { allowed: true } });
}

/** In a group and version that is served a Status says that the resource is not, elsewhere there is only text. */
function missing({ group, version }: ResourcePath, resources: readonly ServedResource[]): ApiReply {
  if (resources.some(resource => resource.group === group && resource.version === version)) throw noSuchResource();
  return { kind: 'none' };
}

function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

function discover(path: RequestPath, resources: readonly ServedResource[]): JsonObject | undefined {
  switch (path.kind) {
    case 'group-version':
      return resourceList(resources, path.group, path.version);
    case 'group':
      return groupDocument(resources, path.group);
    case 'other':
      return path.path === '/api' ? coreVersions() : path.path === '/apis' ? groupList(resources) : undefined;
    default:
      return undefined;
  }
}

/** Where a watch starts; undefined: with what there is. */
function parseVersion(text: string | null): number | undefined {
  if (text === null || text === '' || text === '0') return undefined;
  const version = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(version)) return version;
  throw badRequest(`resourceVersion: Invalid value: "${text}": strconv.ParseUint: parsing "${text}": invalid syntax`);
}

function parseSubresource(resource: ServedResource, name: string | undefined): Subresource | undefined {
  if (name === undefined) return undefined;
  const known = (['status', 'binding', 'scale', 'finalize'] as const).find(subresource => subresource === name);
  if (known === undefined || !hasSubresource(resource, known)) throw noSuchResource();
  return known;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('the body of the request is not valid JSON');
  }
}

function json(status: number, body: JsonObject): ApiReply {
  return { kind: 'json', status, body };
}
