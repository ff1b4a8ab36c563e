import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { listCrds } from './crd.ts';
import { formatCrdFiles } from './crd-files.ts';

const DIRECTORY = new URL('../../deploy/crds/', import.meta.url);

test('deploy/crds holds exactly what the schemas make (else run scripts/generate-crds.ts)', () => {
  const files = formatCrdFiles();
  assert.deepEqual(readdirSync(DIRECTORY).sort(), files.map(({ name }) => name).sort());
  for (const { name, text } of files) assert.equal(readFileSync(new URL(name, DIRECTORY), 'utf8'), text, name);
});

test('listCrds() writes structural schemas: every node has a type, none is closed or both open and listed', () => {
  for (const crd of listCrds()) {
    for (const version of crd.spec.versions) checkStructural(version.schema.openAPIV3Schema, crd.metadata.name);
  }
});

test('listCrds() points printer columns at fields that the schema has', () => {
  for (const crd of listCrds()) {
    for (const version of crd.spec.versions) {
      for (const { jsonPath } of version.additionalPrinterColumns ?? []) {
        if (jsonPath.startsWith('.metadata.')) continue;
        const found = stepsOf(jsonPath).reduce<unknown>(innerSchema, version.schema.openAPIV3Schema);
        assert.notEqual(found, undefined, jsonPath);
      }
    }
  }
});

/** `.a.b[0]['c\.d']` as `a`, `b`, `[0]` and `['c\.d']`. */
function stepsOf(jsonPath: string): readonly string[] {
  return Array.from(jsonPath.matchAll(/\.([^.[]+)|\[(?:\d+|'[^']*')\]/g), ([step, name]) => name ?? step);
}

function innerSchema(schema: unknown, step: string): unknown {
  if (step.startsWith("['")) return field(schema, 'additionalProperties');
  return step.startsWith('[') ? field(schema, 'items') : field(field(schema, 'properties'), step);
}

function checkStructural(schema: unknown, path: string): void {
  assert.equal(typeof field(schema, 'type'), 'string', `${path} has no type`);
  for (const key of ['$ref', 'anyOf', 'oneOf', '$schema', 'const'])
    assert.equal(field(schema, key), undefined, `${path}: ${key}`);
  const properties = field(schema, 'properties');
  const additional = field(schema, 'additionalProperties');
  assert.notEqual(additional, false, `${path} is closed`);
  assert.ok(properties === undefined || additional === undefined, `${path} is both`);
  for (const [name, inner] of Object.entries(properties ?? {})) checkStructural(inner, `${path}.${name}`);
  for (const inner of [field(schema, 'items'), additional])
    if (inner !== undefined) checkStructural(inner, `${path}[]`);
}

function field(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === key)?.[1];
}
