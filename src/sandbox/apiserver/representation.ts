import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import type { ServedResource } from './served-resource.ts';
import { apiVersionOf } from './served-resource.ts';
import { badRequest, StatusError } from './status-error.ts';

/** How a client wants objects: whole, as metadata only, or as the rows of a printed table. */
export type Form = 'object' | 'metadata' | 'table';

/** What comes with a table's row, as `includeObject` in a query says. */
export type Included = 'None' | 'Metadata' | 'Object';

const META_VERSION = 'meta.k8s.io/v1';

/** The first form in an Accept header that the server can give. */
export function negotiateForm(accept: string | undefined): Form {
  for (const clause of (accept ?? '*/*').split(',')) {
    const [type = '', ...parameters] = clause.split(';').map(part => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type)) continue;
    const values = new Map(parameters.map(parameter => [parameter.split('=')[0] ?? '', parameter.split('=')[1] ?? '']));
    const as = values.get('as');
    if (as === undefined) return 'object';
    if (values.get('g') !== 'meta.k8s.io' || values.get('v') !== 'v1') continue;
    if (as === 'Table') return 'table';
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return 'metadata';
  }
  throw new StatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json');
}

/** @throws StatusError on a word that the server does not know */
export function parseIncluded(text: string | null): Included {
  if (text === null || text === '' || text === 'Metadata') return 'Metadata';
  if (text === 'None' || text === 'Object') return text;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(text)}`);
}

/** One object in a form. `isFirst`: only the first table of a watch tells the columns. */
export function renderObject(
  resource: ServedResource,
  object: ApiObject,
  form: Form,
  now: number,
  isFirst = true,
): JsonObject {
  if (form === 'table')
    return table(resource, [object], now, { resourceVersion: object.metadata.resourceVersion }, isFirst);
  return form === 'metadata' ? partial(object) : versioned(resource, object);
}

/** A list in a form. Items of built-in kinds carry no apiVersion and kind, as on the real server. */
export function renderList(
  resource: ServedResource,
  objects: readonly ApiObject[],
  form: Form,
  now: number,
  metadata: JsonObject,
  included: Included = 'Metadata',
): JsonObject {
  if (form === 'table') return table(resource, objects, now, metadata, true, included);
  if (form === 'metadata')
    return { kind: 'PartialObjectMetadataList', apiVersion: META_VERSION, metadata, items: objects.map(partial) };
  const items = objects.map(object => {
    if (resource.rules.isCustom) return versioned(resource, object);
    const { apiVersion: _a, kind: _k, ...item } = object;
    return item;
  });
  return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items };
}

function versioned(resource: ServedResource, object: ApiObject): ApiObject {
  const apiVersion = apiVersionOf(resource);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

function partial(object: ApiObject): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: META_VERSION, metadata: object.metadata };
}

function table(
  resource: ServedResource,
  objects: readonly ApiObject[],
  now: number,
  metadata: JsonObject,
  hasColumns = true,
  included: Included = 'Metadata',
): JsonObject {
  const columnDefinitions = resource.columns.map(({ name, type, priority, description }) => ({
    name,
    type,
    format: name === 'Name' ? 'name' : '',
    description,
    priority,
  }));
  const rows = objects.map(object => ({
    cells: resource.columns.map(column => column.cell(object, now)),
    object: included === 'None' ? null : included === 'Object' ? versioned(resource, object) : partial(object),
  }));
  return {
    kind: 'Table',
    apiVersion: META_VERSION,
    metadata,
    columnDefinitions: hasColumns ? columnDefinitions : null,
    rows,
  };
}
