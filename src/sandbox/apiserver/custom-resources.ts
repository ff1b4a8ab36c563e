import type { ApiObject } from './api-object.ts';
import { toTimestamp } from './api-object.ts';
import { AGE_COLUMN, customColumn, NAME_COLUMN } from './column.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject, listAt, listOr, objectOr, textAt, valueAt } from './json.ts';
import { checkName } from './object-names.ts';
import type { Column, ServedResource } from './served-resource.ts';
import type { StatusCause } from './status-error.ts';
import { invalidValue, requiredValue } from './status-error.ts';
import { checkSchema, shapeBySchema } from './structural-schema.ts';

/** The resources that a CustomResourceDefinition makes: one for each served version. */
export function customResourcesOf(crd: ApiObject): readonly ServedResource[] {
  return versionsOf(crd)
    .filter(version => version['served'] === true)
    .map(version => toResource(crd, version));
}

/** Fills in what the server fills in: names that follow from others, and the conditions by which clients see that it is served. */
export function withCrdDefaults(now: () => number): (crd: JsonObject) => JsonObject {
  return crd => {
    const spec = objectOr(crd['spec']);
    const kind = textAt(spec, 'names.kind');
    const names = { singular: kind.toLowerCase(), listKind: `${kind}List`, ...objectOr(spec['names']) };
    const storage = versionsOf(crd).find(version => version['storage'] === true);
    const status = {
      conditions: ['NamesAccepted', 'Established'].map(type => ({
        type,
        status: 'True',
        reason: type === 'Established' ? 'InitialNamesAccepted' : 'NoConflicts',
        message: 'no conflicts found',
        lastTransitionTime: toTimestamp(now()),
      })),
      acceptedNames: names,
      storedVersions: storage === undefined ? [] : [textAt(storage, 'name')],
      ...objectOr(crd['status']),
    };
    return {
      ...crd,
      spec: { conversion: { strategy: 'None' }, ...spec, names },
      status: { ...status, acceptedNames: names },
    };
  };
}

export function checkCrd(crd: JsonObject): readonly StatusCause[] {
  const [group, plural, kind] = ['spec.group', 'spec.names.plural', 'spec.names.kind'].map(path => textAt(crd, path));
  const versions = versionsOf(crd);
  const missing = Object.entries({ 'spec.group': group, 'spec.names.plural': plural, 'spec.names.kind': kind }).filter(
    ([, text]) => text === '',
  );
  if (missing.length > 0) return missing.map(([field]) => requiredValue(field));
  const name = textAt(crd, 'metadata.name');
  return [
    ...(name === `${plural}.${group}`
      ? []
      : [invalidValue('metadata.name', name, 'must be spec.names.plural+"."+spec.group')]),
    ...checkName('rfc1035-label', plural, 'spec.names.plural'),
    ...checkName('rfc1035-label', kind?.toLowerCase(), 'spec.names.kind'),
    ...(['Namespaced', 'Cluster'].includes(textAt(crd, 'spec.scope'))
      ? []
      : [invalidValue('spec.scope', textAt(crd, 'spec.scope'), 'supported values: "Cluster", "Namespaced"')]),
    ...(versions.filter(version => version['storage'] === true).length === 1
      ? []
      : [
          invalidValue(
            'spec.versions',
            versions.map(version => version['name']),
            'must have exactly one version marked as storage version',
          ),
        ]),
    ...versions.flatMap((version, index) => checkVersion(version, `spec.versions[${index}]`)),
  ];
}

function checkVersion(version: JsonObject, field: string): readonly StatusCause[] {
  const schema = valueAt(version, 'schema.openAPIV3Schema');
  return [
    ...checkName('rfc1035-label', version['name'], `${field}.name`),
    ...(isJsonObject(schema) ? [] : [requiredValue(`${field}.schema.openAPIV3Schema`, 'schemas are required')]),
    ...(isJsonObject(schema) && schema['type'] !== 'object'
      ? [invalidValue(`${field}.schema.openAPIV3Schema.type`, schema['type'], 'must be object at the root')]
      : []),
  ];
}

function toResource(crd: ApiObject, version: JsonObject): ServedResource {
  const spec = objectOr(crd['spec']);
  const names = objectOr(spec['names']);
  const schema = withObjectFields(objectOr(valueAt(version, 'schema.openAPIV3Schema')));
  const hasStatus = isJsonObject(valueAt(version, 'subresources.status'));
  return {
    group: textAt(spec, 'group'),
    version: textAt(version, 'name'),
    plural: textAt(names, 'plural'),
    singular: textAt(names, 'singular'),
    kind: textAt(names, 'kind'),
    shortNames: textsOf(names['shortNames']),
    categories: textsOf(names['categories']),
    isNamespaced: spec['scope'] === 'Namespaced',
    subresources: hasStatus ? ['status'] : [],
    selectableFields: listOr(version['selectableFields']).map(item => textAt(item, 'jsonPath').replace(/^\./, '')),
    columns: columnsOf(version),
    rules: {
      nameRule: 'subdomain',
      isCustom: true,
      isVersionRequired: true,
      hasGeneration: true,
      // A schema's top level says nothing of apiVersion, kind and metadata: they are always there, and always kept.
      applyDefaults: object => objectOr(shapeBySchema(object, schema)),
      validate: object => checkSchema(object, schema),
    },
  };
}

const ANYTHING: JsonObject = { 'x-kubernetes-preserve-unknown-fields': true };

function withObjectFields(schema: JsonObject): JsonObject {
  return {
    ...schema,
    properties: {
      ...objectOr(schema['properties']),
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: ANYTHING,
    },
  };
}

function columnsOf(version: JsonObject): readonly Column[] {
  const columns = listOr(version['additionalPrinterColumns']).map(column =>
    customColumn(
      textAt(column, 'name'),
      textAt(column, 'jsonPath'),
      columnType(textAt(column, 'type')),
      Number(valueAt(column, 'priority') ?? 0),
      textAt(column, 'description'),
    ),
  );
  return [NAME_COLUMN, ...(columns.length === 0 ? [AGE_COLUMN] : columns)];
}

function columnType(type: string): Column['type'] {
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'date' ? type : 'string';
}

function versionsOf(crd: JsonObject): readonly JsonObject[] {
  return listAt(crd, 'spec.versions').filter(isJsonObject);
}

function textsOf(value: unknown): readonly string[] {
  return listOr(value).map(String);
}
