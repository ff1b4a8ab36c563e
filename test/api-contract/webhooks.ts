import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { KubeObject, Resource } from '#api';
import { rawRequest } from './raw-request.ts';
import type { Target } from './target.ts';
import { CONFIG_MAPS, type ConfigMap, eventually, withCode } from './target.ts';
import { startWebhookServer, type WebhookServer } from './webhook-server.ts';

interface Configuration extends KubeObject {
  readonly webhooks: readonly object[];
}

const VALIDATING: Resource<Configuration> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  kind: 'ValidatingWebhookConfiguration',
  isNamespaced: false,
};
const MUTATING: Resource<Configuration> = {
  ...VALIDATING,
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
};

/** Objects with this label alone are asked about, so that nothing else here is. */
const LABEL = 'contract.underlane.io/asked';

/** Webhooks, which API servers ask before they change anything. */
export function testWebhooks(target: () => Target): void {
  let server: WebhookServer;

  before(async () => {
    server = await startWebhookServer();
  });
  after(() => server.close());

  const configMap = (name: string, data: ConfigMap['data'] = {}, asked = name): ConfigMap => ({
    metadata: { namespace: target().namespace, name, labels: { [LABEL]: asked } },
    data,
  });
  const create = (name: string, data?: ConfigMap['data'], asked?: string): Promise<ConfigMap> =>
    target().client.create(CONFIG_MAPS, configMap(name, data, asked));
  const webhook = (asked: string, more: object = {}): object => ({
    name: `${asked}.contract.underlane.io`,
    clientConfig: { url: server.url, caBundle: server.caBundle },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
    objectSelector: { matchLabels: { [LABEL]: asked } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    ...more,
  });
  const named = (name: string): KubeObject['metadata'] => ({ name: `contract-${name}` });
  const tried = (name: string): ReturnType<typeof rawRequest> =>
    rawRequest(target().config, 'POST', `/api/v1/namespaces/${target().namespace}/configmaps?dryRun=All`, {
      body: configMap(`${name}-tried`, {}, name),
    });

  /** Registers webhooks for objects of this name, and waits until they are asked: a real server needs a moment. */
  async function register(resource: Resource<Configuration>, name: string, webhooks: readonly object[]): Promise<void> {
    const { client } = target();
    await client.create(resource, { metadata: named(name), webhooks });
    server.answer(() => ({ allowed: true }));
    await eventually(`webhook ${name}`, async () => {
      const { status } = await tried(name);
      return server.asked.length > 0 || status >= 400 ? true : undefined;
    });
    // Servers do not hear of it all at once; with one of them the first answer tells.
    server.answer(() => ({ allowed: true }));
  }

  const messageOf = async (attempt: Promise<unknown>): Promise<string> => {
    try {
      await attempt;
    } catch (error) {
      return (error as Error).message; // the client throws nothing else
    }
    throw new Error('Expected a refusal');
  };

  test('a validating webhook is asked about creates, updates and deletes, with what was and what will be', async () => {
    const { client } = target();
    await register(VALIDATING, 'seen', [webhook('seen')]);
    const made = await create('seen', { n: '1' });
    await client.mergePatch(CONFIG_MAPS, made.metadata, { data: { n: '2' } });
    await client.delete(CONFIG_MAPS, made.metadata);
    const { namespace } = target();
    assert.deepEqual(
      server.asked.map(({ operation, name, object, oldObject, namespace: at, dryRun }) => [
        operation,
        name,
        at,
        object?.data?.['n'],
        oldObject?.data?.['n'],
        dryRun,
      ]),
      [
        ['CREATE', 'seen', namespace, '1', undefined, false],
        ['UPDATE', 'seen', namespace, '2', '1', false],
        ['DELETE', 'seen', namespace, undefined, '2', false],
      ],
    );
    assert.deepEqual(server.asked[0]?.resource, { group: '', version: 'v1', resource: 'configmaps' });
    // What it saw is what was stored.
    assert.equal(server.asked[0]?.object?.metadata.uid, made.metadata.uid);
  });

  test('a refusal has the words, the code and the reason of the webhook, and changes nothing', async () => {
    const { client } = target();
    await register(VALIDATING, 'no', [webhook('no')]);
    server.answer(() => ({ allowed: false, status: { message: 'spec.x: no good', code: 422, reason: 'Invalid' } }));
    await assert.rejects(create('no'), withCode('Invalid'));
    assert.match(
      await messageOf(create('no')),
      /admission webhook "no\.contract\.underlane\.io" denied the request: spec\.x: no good$/,
    );
    await assert.rejects(client.get(CONFIG_MAPS, configMap('no').metadata), withCode('NotFound'));
    server.answer(() => ({ allowed: false }));
    const answer = await tried('no');
    assert.equal(answer.status, 400);
    assert.equal(
      answer.body.message,
      'admission webhook "no.contract.underlane.io" denied the request without explanation',
    );
    server.answer(() => ({ allowed: true }));
    const made = await create('no');
    server.answer(({ operation }) => ({ allowed: operation !== 'DELETE' }));
    await assert.rejects(client.delete(CONFIG_MAPS, made.metadata));
    await client.get(CONFIG_MAPS, made.metadata);
  });

  test('mutating webhooks change the object one after the other, before validating ones see it', async () => {
    await register(MUTATING, 'change', [
      webhook('change', { name: 'first.contract.underlane.io' }),
      webhook('change', { name: 'second.contract.underlane.io' }),
    ]);
    await register(VALIDATING, 'change', [webhook('change')]);
    const seen: (Readonly<Record<string, string>> | undefined)[] = [];
    server.answer(({ object }) => {
      seen.push(object?.data);
      const count = Object.keys(object?.data ?? {}).length;
      return seen.length < 3
        ? { allowed: true, patch: [{ op: 'add', path: `/data/n${count}`, value: 'x' }] }
        : { allowed: true };
    });
    const made = await create('change', { a: '1' });
    assert.deepEqual(made.data, { a: '1', n1: 'x', n2: 'x' });
    assert.deepEqual(seen, [{ a: '1' }, { a: '1', n1: 'x' }, { a: '1', n1: 'x', n2: 'x' }]);
  });

  test('a webhook that does not answer refuses, unless its failure is to be ignored', async () => {
    const closed = { clientConfig: { url: 'https://127.0.0.1:1/review', caBundle: server.caBundle } };
    await register(VALIDATING, 'away', [webhook('away', closed)]);
    assert.match(
      await messageOf(create('away')),
      /Internal error occurred: failed calling webhook "away\.contract\.underlane\.io": .*Post "https:\/\/127\.0\.0\.1:1\/review\?timeout=10s": /,
    );
    await assert.rejects(create('away'), withCode('InternalError'));
    const { client } = target();
    await client.mergePatch(VALIDATING, named('away'), {
      webhooks: [webhook('away', { ...closed, failurePolicy: 'Ignore' })],
    });
    await eventually('the failure to be ignored', () => create('away').catch(() => undefined));
  });

  test('a webhook has its time and no longer', async () => {
    await register(VALIDATING, 'slow', [webhook('slow', { timeoutSeconds: 1 })]);
    server.answer(() => undefined);
    assert.match(
      await messageOf(create('slow')),
      /failed calling webhook .*timeout=1s": .*(context deadline exceeded|Timeout)/,
    );
  });

  test('namespaces and subresources are selected; what is only tried says so', async () => {
    const { client, namespace } = target();
    await register(VALIDATING, 'some', [webhook('some')]);
    const { client: api } = target();
    await api.mergePatch(VALIDATING, named('some'), {
      webhooks: [webhook('some', { namespaceSelector: { matchExpressions: [{ key: LABEL, operator: 'Exists' }] } })],
    });
    const namespaces: Resource = { ...CONFIG_MAPS, plural: 'namespaces', kind: 'Namespace', isNamespaced: false };
    await eventually('nobody to be asked', async () => {
      server.answer(() => ({ allowed: true }));
      await tried('some');
      return server.asked.length === 0 ? true : undefined;
    });
    await client.mergePatch(namespaces, { name: namespace }, { metadata: { labels: { [LABEL]: 'yes' } } });
    await eventually('the namespace to be seen', async () => {
      await tried('some');
      return server.asked.length > 0 ? true : undefined;
    });
    assert.equal(server.asked[0]?.dryRun, true);
    await client.mergePatch(namespaces, { name: namespace }, { metadata: { labels: { [LABEL]: null } } });
  });

  test('a warning reaches the client', async () => {
    await register(VALIDATING, 'warned', [webhook('warned')]);
    server.answer(() => ({ allowed: true, warnings: ['this will "end"'] }));
    const { warnings } = await tried('warned');
    assert.deepEqual(warnings, ['299 - "this will \\"end\\""']);
  });

  test('configurations are checked, and filled in', async () => {
    const { client } = target();
    const make = (more: object, name = 'wrong'): Promise<Configuration> =>
      client.create(VALIDATING, { metadata: named(name), webhooks: [webhook('wrong', more)] });
    for (const wrong of [
      { name: 'two.segments' },
      { sideEffects: undefined },
      { sideEffects: 'Some' },
      { admissionReviewVersions: [] },
      { timeoutSeconds: 31 },
      { failurePolicy: 'Maybe' },
      { clientConfig: { url: 'http://127.0.0.1/' } },
      { clientConfig: {} },
    ])
      await assert.rejects(make(wrong), withCode('Invalid'), JSON.stringify(wrong));
    const { webhooks } = await make({ clientConfig: { service: { namespace: 'x', name: 'y' } } }, 'filled');
    const { rules, ...rest } = webhooks[0] as Readonly<Record<string, unknown>>; // the one just made
    assert.deepEqual(
      [rest['failurePolicy'], rest['matchPolicy'], rest['timeoutSeconds'], rest['namespaceSelector']],
      ['Fail', 'Equivalent', 10, {}],
    );
    assert.deepEqual((rules as readonly { readonly scope: string }[])[0]?.scope, '*');
    assert.deepEqual(rest['clientConfig'], { service: { namespace: 'x', name: 'y', port: 443 } });
    await client.delete(VALIDATING, named('filled'));
  });

  test('no webhook is asked about webhooks', async () => {
    const { client } = target();
    const everything = {
      apiGroups: ['admissionregistration.k8s.io'],
      apiVersions: ['*'],
      operations: ['*'],
      resources: ['*'],
    };
    const own = { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] };
    await register(VALIDATING, 'all', [
      webhook('all', { rules: [everything], objectSelector: {} }),
      webhook('all', { name: 'own.contract.underlane.io', rules: [own] }),
    ]);
    server.answer(() => ({ allowed: false }));
    await client.delete(VALIDATING, named('all'));
    for (const name of ['seen', 'no', 'change', 'away', 'slow', 'some', 'warned'])
      await client.delete(VALIDATING, named(name));
    await client.delete(MUTATING, named('change'));
  });
}
