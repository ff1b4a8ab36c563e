import { type Admission, NO_ADMISSION } from './admission/admission.ts';
import type { Attributes } from './admission/attributes.ts';
import type { ApiObject, StoredMeta } from './api-object.ts';
import { toTimestamp } from './api-object.ts';
import type { JsonObject } from './json.ts';
import { compact, isJsonObject, isSameJson, listAt, objectOr, textAt, toText } from './json.ts';
import { checkAnnotations, checkLabels, checkName, generateName } from './object-names.ts';
import type { ObjectStore } from './object-store.ts';
import type { ServedResource, Subresource } from './served-resource.ts';
import { apiVersionOf, hasSubresource, storageOf } from './served-resource.ts';
import { alreadyExists, badRequest, conflict, forbidden, invalid, invalidValue, notFound } from './status-error.ts';

/** Creates and changes objects by the rules that hold for every kind; see `deleter` for the way out. */
export interface ObjectWriter {
  get(resource: ServedResource, namespace: string | undefined, name: string): ApiObject;
  create(resource: ServedResource, namespace: string | undefined, body: unknown): ApiObject;
  /** PUT, and the end of every PATCH: `wanted` replaces what is there. */
  replace(resource: ServedResource, previous: ApiObject, wanted: unknown, how?: ReplaceOptions): ApiObject;
}

export interface ReplaceOptions {
  readonly subresource?: Subresource | undefined;
  /** A patch's own uid is a field it may not change; a PUT's is a precondition. The real server tells them apart by 422 and 409. */
  readonly isPatch?: boolean;
}

const NAMESPACES = { group: '', plural: 'namespaces', kind: 'Namespace' };

/** @param admission who is asked about each write @default nobody */
export function createObjectWriter(
  store: ObjectStore,
  now: () => number,
  admission: Admission = NO_ADMISSION,
): ObjectWriter {
  function get(resource: ServedResource, namespace: string | undefined, name: string): ApiObject {
    const object = store.find(storageOf(resource), namespace, name);
    if (object === undefined) throw notFound(resource, name);
    return object;
  }

  /** Whoever may change an object may not change what only the server decides. */
  function changeByAdmission(attributes: Attributes, object: ApiObject): ApiObject {
    const changed = admission.change(attributes, object);
    if (changed === object) return object;
    const metadata = { ...userMetadata(objectOr(changed['metadata'])), ...serverMetadata(object.metadata) };
    return complete(attributes.resource, { ...parseBody(attributes.resource, changed), metadata });
  }

  return {
    get,
    create(resource, namespace, body) {
      const given = parseBody(resource, body);
      const metadata = objectOr(given['metadata']);
      checkNamespace(metadata, namespace);
      const prefix = textAt(metadata, 'generateName');
      const name =
        textAt(metadata, 'name') || (prefix === '' ? '' : admission.remember('name', () => generateName(prefix)));
      if (resource.isNamespaced) checkNamespaceIsOpen(store, resource, namespace, name);
      if (textAt(metadata, 'resourceVersion') !== '')
        throw badRequest('resourceVersion should not be set on objects to be created');
      const { status, ...withoutStatus } = given;
      const keepsStatus = resource.rules.keepsStatusOnCreate || !hasSubresource(resource, 'status');
      const stored: StoredMeta = {
        ...userMetadata(metadata),
        name,
        ...(namespace === undefined ? {} : { namespace }),
        uid: admission.remember('uid', () => crypto.randomUUID()),
        creationTimestamp: toTimestamp(now()),
        resourceVersion: '',
        ...(resource.rules.hasGeneration ? { generation: 1 } : {}),
      };
      const made = complete(resource, { ...(keepsStatus ? given : withoutStatus), metadata: stored });
      const attributes = { operation: 'CREATE', resource, namespace, name: textAt(metadata, 'name') } as const;
      const object = changeByAdmission(attributes, made);
      check(resource, object);
      admission.check(attributes, object);
      if (store.find(storageOf(resource), namespace, name) !== undefined) throw alreadyExists(resource, name);
      return store.put(storageOf(resource), object);
    },
    replace(resource, previous, wanted, { subresource, isPatch = false } = {}) {
      const given = parseBody(resource, wanted);
      checkPreconditions(resource, previous, objectOr(given['metadata']), isPatch);
      const next =
        subresource === 'status' ? withNewStatus(resource, previous, given) : withNewContent(resource, previous, given);
      const { name, namespace } = previous.metadata;
      const attributes = { operation: 'UPDATE', resource, subresource, namespace, name, previous } as const;
      const object = changeByAdmission(attributes, complete(resource, next));
      check(resource, object, previous);
      const counted = withGeneration(resource, object, previous);
      admission.check(attributes, counted);
      if (isSameJson(counted, previous)) return previous;
      const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = counted.metadata;
      // The last finalizer is gone from an object whose deletion was only waiting for it.
      if (deletionTimestamp !== undefined && finalizers.length === 0 && deletionGracePeriodSeconds === 0) {
        return store.delete(storageOf(resource), namespace, name) ?? counted;
      }
      return store.put(storageOf(resource), counted);
    },
  };
}

function parseBody(resource: ServedResource, body: unknown): JsonObject {
  if (!isJsonObject(body)) throw badRequest(`the body of the request must be a ${resource.kind} object`);
  const [apiVersion, kind] = [body['apiVersion'] ?? apiVersionOf(resource), body['kind'] ?? resource.kind];
  if (apiVersion !== apiVersionOf(resource)) {
    throw badRequest(
      `the API version in the data (${toText(apiVersion)}) does not match the expected API version (${apiVersionOf(resource)})`,
    );
  }
  if (kind !== resource.kind)
    throw badRequest(`${toText(kind)} in version "${resource.version}" cannot be handled as a ${resource.kind}`);
  if (body['metadata'] !== undefined && !isJsonObject(body['metadata'])) throw badRequest('metadata must be an object');
  return { ...body, apiVersion, kind };
}

function checkNamespace(metadata: JsonObject, namespace: string | undefined): void {
  const own = textAt(metadata, 'namespace');
  if (own !== '' && own !== (namespace ?? ''))
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

function checkNamespaceIsOpen(
  store: ObjectStore,
  resource: ServedResource,
  namespace: string | undefined,
  name: string,
): void {
  const owner = namespace === undefined ? undefined : store.find('/namespaces', undefined, namespace);
  if (owner === undefined) throw notFound(NAMESPACES, namespace ?? '');
  if (owner.metadata.deletionTimestamp !== undefined) {
    throw forbidden(
      resource,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
    );
  }
}

function checkPreconditions(
  resource: ServedResource,
  previous: ApiObject,
  metadata: JsonObject,
  isPatch: boolean,
): void {
  const { name, namespace, uid, resourceVersion } = previous.metadata;
  const given = {
    name: textAt(metadata, 'name'),
    uid: textAt(metadata, 'uid'),
    version: textAt(metadata, 'resourceVersion'),
  };
  if (given.name !== '' && given.name !== name)
    throw badRequest(`the name of the object (${given.name}) does not match the name on the URL (${name})`);
  checkNamespace(metadata, namespace);
  if (given.uid !== '' && given.uid !== uid) {
    if (isPatch) throw invalid(resource, name, [invalidValue('metadata.uid', given.uid, 'field is immutable')]);
    throw conflict(
      resource,
      name,
      `Precondition failed: UID in precondition: ${given.uid}, UID in object meta: ${uid}`,
    );
  }
  if (given.version === '' && resource.rules.isVersionRequired)
    throw invalid(resource, name, [invalidValue('metadata.resourceVersion', 0, 'must be specified for an update')]);
  if (given.version !== '' && given.version !== resourceVersion) {
    throw conflict(
      resource,
      name,
      'the object has been modified; please apply your changes to the latest version and try again',
    );
  }
}

function withNewContent(resource: ServedResource, previous: ApiObject, given: JsonObject): JsonObject {
  const carried = resource.rules.carryOver?.(given, previous) ?? given;
  const { status: _, ...content } = carried;
  const metadata = { ...userMetadata(objectOr(given['metadata'])), ...serverMetadata(previous.metadata) };
  if (!hasSubresource(resource, 'status')) return { ...carried, metadata };
  return { ...content, metadata, ...(previous['status'] === undefined ? {} : { status: previous['status'] }) };
}

function withNewStatus(resource: ServedResource, previous: ApiObject, given: JsonObject): JsonObject {
  const metadata = resource.rules.statusKeepsMetadata
    ? {
        ...userMetadata(objectOr(given['metadata'])),
        ...serverMetadata(previous.metadata),
        ...ownersOf(previous.metadata),
      }
    : previous.metadata;
  return compact({ ...previous, metadata, status: given['status'] });
}

/** What a writer decides about an object's metadata. */
function userMetadata(metadata: JsonObject): JsonObject {
  const { labels, annotations, finalizers, ownerReferences, generateName: prefix } = metadata;
  const isEmpty = (value: unknown): boolean =>
    value === null || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
  return Object.fromEntries(
    Object.entries({ generateName: prefix, labels, annotations, ownerReferences, finalizers }).filter(
      ([, value]) => value !== undefined && !isEmpty(value),
    ),
  );
}

/** What only the server decides. */
function serverMetadata(metadata: StoredMeta): StoredMeta {
  const { labels: _l, annotations: _a, finalizers: _f, ownerReferences: _o, ...own } = metadata;
  return own as StoredMeta; // The four fields taken out are all optional
}

/** A write to status may not change owners. */
function ownersOf(metadata: StoredMeta): JsonObject {
  return { ownerReferences: metadata.ownerReferences };
}

function complete(resource: ServedResource, object: JsonObject): ApiObject {
  const completed = resource.rules.applyDefaults?.(object) ?? object;
  // parseBody put apiVersion and kind in, and both callers a StoredMeta; defaults take nothing away.
  return { ...completed, metadata: compact(objectOr(completed['metadata'])) } as ApiObject;
}

function check(resource: ServedResource, object: ApiObject, previous?: ApiObject): void {
  const { name, labels, annotations } = object.metadata;
  const { rules } = resource;
  const causes = [
    ...(previous === undefined ? checkName(rules.nameRule, name) : []),
    ...checkLabels(labels),
    ...checkAnnotations(annotations),
    ...(rules.validate?.(object) ?? []),
    ...(previous === undefined ? [] : (rules.validateUpdate?.(object, previous) ?? [])),
    ...newFinalizers(object, previous),
  ];
  if (causes.length > 0) throw invalid(resource, name, causes);
}

/** An object on its way out takes no new finalizers. */
function newFinalizers(object: ApiObject, previous: ApiObject | undefined): ReturnType<typeof checkName> {
  if (previous?.metadata.deletionTimestamp === undefined) return [];
  const added = listAt(object, 'metadata.finalizers').filter(
    finalizer => !listAt(previous, 'metadata.finalizers').includes(finalizer),
  );
  return added.length === 0
    ? []
    : [
        {
          reason: 'FieldValueForbidden',
          field: 'metadata.finalizers',
          message: `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
        },
      ];
}

function withGeneration(resource: ServedResource, object: ApiObject, previous: ApiObject): ApiObject {
  if (!resource.rules.hasGeneration) return object;
  const content = ({ metadata: _m, status: _s, ...rest }: ApiObject): JsonObject =>
    hasSubresource(resource, 'status') ? rest : { ...rest, status: _s };
  if (isSameJson(content(object), content(previous))) return object;
  return { ...object, metadata: { ...object.metadata, generation: (previous.metadata.generation ?? 0) + 1 } };
}
