import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type KubeObject,
  MUTATING_WEBHOOK_CONFIGURATIONS,
  type Resource,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '#api';
import { type Log, silentLog, systemClock } from '#base';
import { ApiError } from '#kube';
import { eventually, withControllerScene } from '../../../test/controller/scene.ts';
import { allKinds } from './testing.ts';
import { webhookConfigurations } from './webhook-configurations.ts';
import { withdrawWebhooks } from './withdraw-webhooks.ts';

const BOTH: readonly Resource[] = [VALIDATING_WEBHOOK_CONFIGURATIONS, MUTATING_WEBHOOK_CONFIGURATIONS];
const kinds = await allKinds();
const source = { kinds, authorities: 'PEM', failurePolicy: 'Fail', place: { url: 'https://10.0.0.1:9443' } } as const;
const { mutating, validating } = webhookConfigurations(source);

/** Notes what is said. */
function listen(): { readonly log: Log; readonly said: string[] } {
  const said: string[] = [];
  return { said, log: { ...silentLog, info: (_, message) => void said.push(message) } };
}

test('withdrawWebhooks() removes both configurations that the controller has made, and no other', async () => {
  await withControllerScene(async ({ client, signal }) => {
    const other = { ...validating, metadata: { name: 'somebodys' } };
    for (const one of [validating, other]) await client.create(VALIDATING_WEBHOOK_CONFIGURATIONS, one);
    await client.create(MUTATING_WEBHOOK_CONFIGURATIONS, mutating);
    withdrawWebhooks({ client, clock: systemClock, log: silentLog, namespace: 'x' }, signal).catch(() => undefined);
    const names = async (): Promise<readonly (readonly string[])[]> =>
      Promise.all(
        BOTH.map(async kind => (await client.list<KubeObject>(kind)).items.map(({ metadata }) => metadata.name)),
      );
    await eventually('the end of ours', async () => (await names()).flat().join() === 'somebodys');
  });
});

test('withdrawWebhooks() leaves one of its name alone that it has not made, and says how to remove it', async () => {
  await withControllerScene(async ({ client, signal }) => {
    await client.create(VALIDATING_WEBHOOK_CONFIGURATIONS, { ...validating, metadata: { name: 'underlane' } });
    const { log, said } = listen();
    withdrawWebhooks({ client, clock: systemClock, log, namespace: 'x' }, signal).catch(() => undefined);
    const sentence = await eventually('a word', async () => said[0]);
    assert.match(
      sentence,
      /^ValidatingWebhookConfiguration "underlane" stays: it lacks the label underlane\.io\/made-by=controller .+ kubectl delete validatingwebhookconfigurations underlane$/,
    );
    assert.equal((await client.list(VALIDATING_WEBHOOK_CONFIGURATIONS)).items.length, 1);
  });
});

test('withdrawWebhooks() goes on without the rights to look, and says what is left to do', async () => {
  await withControllerScene(async ({ client, signal }) => {
    const { log, said } = listen();
    const refuse = () => Promise.reject(new ApiError('Forbidden', 'Cannot get it: no rights', { httpStatus: 403 }));
    const forbidden = { ...client, get: refuse };
    withdrawWebhooks({ client: forbidden, clock: systemClock, log, namespace: 'x' }, signal).catch(() => undefined);
    await eventually('both words', async () => said.length === 2);
    assert.match(
      said[1] ?? '',
      /^Cannot see whether a MutatingWebhookConfiguration "underlane" is left: .+ kubectl delete/,
    );
  });
});
