import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject, Resource } from '#api';
import { rawRequest } from './raw-request.ts';
import type { Target } from './target.ts';
import { eventually, withCode } from './target.ts';

interface Widget extends KubeObject {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

interface Crd extends KubeObject {
  readonly spec: unknown;
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const CRDS: Resource<Crd> = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  plural: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  isNamespaced: false,
};
const WIDGETS: Resource<Widget> = {
  group: 'contract.underlane.io',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  isNamespaced: false,
};
const CRD_NAME = 'widgets.contract.underlane.io';

const SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1 },
        mode: { type: 'string', enum: ['Fast', 'Slow'], default: 'Fast' },
        text: { type: 'string', pattern: '^[a-z]+$', maxLength: 5 },
        list: { type: 'array', items: { type: 'string' } },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        map: { type: 'object', additionalProperties: { type: 'integer' } },
      },
    },
    status: { type: 'object', properties: { state: { type: 'string' } } },
  },
};

function crd(name: string, version: object = {}): Crd {
  const versions = [
    {
      name: 'v1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: SCHEMA },
      subresources: { status: {} },
      additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }],
      ...version,
    },
  ];
  return {
    metadata: { name },
    spec: {
      group: 'contract.underlane.io',
      scope: 'Cluster',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wdg'] },
      versions,
    },
  };
}

/** CustomResourceDefinitions, and the objects that they make room for. */
export function testCustomResources(target: () => Target): void {
  const widget = (name: string, spec: Readonly<Record<string, unknown>>): Widget => ({ metadata: { name }, spec });
  const collection = '/apis/contract.underlane.io/v1/widgets';

  before(async () => {
    const { client } = target();
    await client.create(CRDS, crd(CRD_NAME));
    await eventually('Established', async () => {
      const { status } = await client.get(CRDS, { name: CRD_NAME });
      return status?.conditions?.find(condition => condition.type === 'Established' && condition.status === 'True');
    });
    await eventually('the new resource', async () =>
      (await rawRequest(target().config, 'GET', collection)).status === 200 ? true : undefined,
    );
  });

  after(async () => {
    const { client, config } = target();
    await client.delete(CRDS, { name: CRD_NAME });
    await eventually('404', async () =>
      (await rawRequest(config, 'GET', collection)).status === 404 ? true : undefined,
    );
  });

  test('a definition must be named after its plural and group, and have a schema', async () => {
    const { client } = target();
    await assert.rejects(client.create(CRDS, crd('widget.contract.underlane.io')), withCode('Invalid'));
    await assert.rejects(client.create(CRDS, crd(CRD_NAME, { schema: undefined })), withCode('Invalid'));
    await assert.rejects(client.create(CRDS, crd(CRD_NAME, { storage: false })), withCode('Invalid'));
  });

  test('discovery shows the resource with its short names', async () => {
    const { body } = await eventually('discovery', async () => {
      const answer = await rawRequest(target().config, 'GET', '/apis/contract.underlane.io/v1');
      return answer.status === 200 && answer.body.resources.length > 0 ? answer : undefined;
    });
    const [main, status] = body.resources;
    assert.deepEqual(
      [main.name, main.singularName, main.kind, main.namespaced, main.shortNames],
      ['widgets', 'widget', 'Widget', false, ['wdg']],
    );
    assert.equal(status.name, 'widgets/status');
    const groups = await rawRequest(target().config, 'GET', '/apis');
    assert.ok(groups.body.groups.some((group: { name: string }) => group.name === 'contract.underlane.io'));
  });

  test('create fills in defaults, drops what the schema does not know, and takes no status', async () => {
    const { client } = target();
    const made = await client.create(WIDGETS, {
      ...widget('shaped', { size: 1, unknown: 'x', free: { any: { thing: 1 } }, map: { a: 1 } }),
      status: { state: 'no' },
    });
    assert.deepEqual(made.spec, { size: 1, mode: 'Fast', free: { any: { thing: 1 } }, map: { a: 1 } });
    assert.equal(made.status, undefined);
  });

  test('create refuses what the schema does not allow', async () => {
    const { client } = target();
    const wrong = [
      {},
      { size: '1' },
      { size: 0 },
      { size: 1, mode: 'Other' },
      { size: 1, text: 'ABC' },
      { size: 1, text: 'abcdef' },
      { size: 1, list: [1] },
      { size: 1, map: { a: 'b' } },
    ];
    for (const spec of wrong)
      await assert.rejects(client.create(WIDGETS, widget('wrong', spec)), withCode('Invalid'), JSON.stringify(spec));
    await assert.rejects(client.create(WIDGETS, widget('a:b', { size: 1 })), withCode('Invalid'));
  });

  test('update wants a version, counts generations, and leaves the status alone', async () => {
    const { client } = target();
    const made = await client.create(WIDGETS, widget('counted', { size: 1 }));
    const generation = (object: Widget): unknown => (object.metadata as { generation?: number }).generation;
    assert.equal(generation(made), 1);
    await assert.rejects(client.update(WIDGETS, widget('counted', { size: 2 })), withCode('Invalid'));
    const updated = await client.update(WIDGETS, { ...made, spec: { size: 2 }, status: { state: 'no' } });
    assert.deepEqual([generation(updated), updated.spec?.['size'], updated.status], [2, 2, undefined]);
    const labelled = await client.mergePatch(WIDGETS, { name: 'counted' }, { metadata: { labels: { a: 'b' } } });
    assert.equal(generation(labelled), 2);
  });

  test('a write to status changes the status and nothing else', async () => {
    const { client } = target();
    await client.create(WIDGETS, widget('status', { size: 1 }));
    const body = { metadata: { annotations: { a: 'b' } }, spec: { size: 9 }, status: { state: 'ok' } };
    const patched = await client.mergePatch(WIDGETS, { name: 'status' }, body, { subresource: 'status' });
    assert.deepEqual(
      [patched.spec?.['size'], patched.status, patched.metadata.annotations],
      [1, { state: 'ok' }, undefined],
    );
  });

  test('a patch may be a merge patch, not a strategic one, and heeds the uid', async () => {
    const { client, config } = target();
    await client.create(WIDGETS, widget('patched', { size: 1 }));
    const strategic = {
      body: { spec: { size: 2 } },
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
    };
    assert.equal((await rawRequest(config, 'PATCH', `${collection}/patched`, strategic)).status, 415);
    await assert.rejects(
      client.mergePatch(
        WIDGETS,
        { name: 'patched' },
        { metadata: { uid: '00000000-0000-0000-0000-000000000000' }, spec: { size: 3 } },
      ),
      withCode('Conflict'),
    );
    assert.equal((await client.mergePatch(WIDGETS, { name: 'patched' }, { spec: { size: 4 } })).spec?.['size'], 4);
  });

  test('tables have the columns of the definition', async () => {
    await target().client.create(WIDGETS, widget('printed', { size: 7 }));
    const { body } = await rawRequest(target().config, 'GET', `${collection}/printed`, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    assert.deepEqual(
      body.columnDefinitions.map((column: { name: string }) => column.name),
      ['Name', 'Size'],
    );
    assert.deepEqual(body.rows[0].cells, ['printed', 7]);
  });

  test('of fifty creators of one name exactly one wins', async () => {
    const { client } = target();
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, (_, index) => client.create(WIDGETS, widget('contended', { size: index + 1 }))),
    );
    const won = outcomes.filter(outcome => outcome.status === 'fulfilled');
    assert.equal(won.length, 1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') withCode('AlreadyExists')(outcome.reason);
  });
}
