import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type KubeObject,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type Resource,
  SECRETS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '#api';
import { silentLog, systemClock } from '#base';
import { createKubeClient, type KubeClient } from '#kube';
import { announceWebhooks } from '../../src/controller/webhooks/announce-webhooks.ts';
import { keepCertificates } from '../../src/controller/webhooks/certificate-keeper.ts';
import { CERTIFICATE_SECRET } from '../../src/controller/webhooks/options.ts';
import { withdrawWebhooks } from '../../src/controller/webhooks/withdraw-webhooks.ts';
import { eventually, openClusterTarget, type Target, withCode } from '../api-contract/target.ts';
import { grantRolesOf, NAMESPACE } from '../cluster/deployed.ts';

const KINDS: readonly Resource[] = [VALIDATING_WEBHOOK_CONFIGURATIONS, MUTATING_WEBHOOK_CONFIGURATIONS];

describe('the roles of deploy/controller.yaml, for webhooks', () => {
  let target: Target;
  let client: KubeClient;
  const ending = new AbortController();
  const announcing = new AbortController();
  const withdrawing = new AbortController();

  before(async () => {
    target = await openClusterTarget();
    const token = await grantRolesOf('controller.yaml', target.client);
    client = createKubeClient({ ...target.config, token });
  });
  after(async () => {
    for (const one of [ending, announcing, withdrawing]) one.abort();
    client.close();
    await target.close();
  });

  test('are enough to keep certificates and announce webhooks, and for no other Secret', async () => {
    const common = { client, clock: systemClock, log: silentLog };
    const secret = { namespace: NAMESPACE, name: CERTIFICATE_SECRET };
    const changes: unknown[] = [];
    const options = { ...common, secret, names: ['a.test.svc'], onChange: (set: unknown) => changes.push(set) };
    keepCertificates(options, ending.signal).catch(() => undefined);
    const place = { url: 'https://127.0.0.1:1' };
    announceWebhooks({ port: 1, place }, { ...common, namespace: NAMESPACE }, announcing.signal).catch(() => undefined);
    const bundle = (): Promise<string | undefined> =>
      eventually('the configuration', async () => {
        const { items } = await target.client.list(VALIDATING_WEBHOOK_CONFIGURATIONS);
        return items.find(({ metadata }) => metadata.name === 'underlane')?.webhooks?.[0]?.clientConfig.caBundle;
      });
    const first = await bundle();
    // What is spoilt is mended, by an update and a patch.
    await target.client.mergePatch(SECRETS, secret, { data: { 'tls.crt': '' } });
    await eventually('another authority', async () => ((await bundle()) === first ? undefined : true));
    assert.ok(changes.length >= 2);
    await assert.rejects(client.list(SECRETS, { namespace: NAMESPACE }), withCode('Forbidden'));
    await assert.rejects(client.get(SECRETS, { namespace: NAMESPACE, name: 'other' }), withCode('Forbidden'));
  });

  test('are enough to have API servers ask no more, and to leave configurations of others alone', async () => {
    announcing.abort();
    const others = { metadata: { name: 'somebodys' }, webhooks: [] };
    await target.client.create(VALIDATING_WEBHOOK_CONFIGURATIONS, others);
    const deps = { client, clock: systemClock, log: silentLog, namespace: NAMESPACE };
    withdrawWebhooks(deps, withdrawing.signal).catch(() => undefined);
    const names = async (): Promise<string> =>
      (await Promise.all(KINDS.map(kind => target.client.list<KubeObject>(kind))))
        .flatMap(({ items }) => items.map(({ metadata }) => metadata.name))
        .join();
    await eventually('the end of ours', async () => ((await names()) === 'somebodys' ? true : undefined));
  });
});
