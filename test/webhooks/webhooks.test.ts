import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NETWORK_ATTACHMENT_DEFINITIONS } from '#api';
import { ENDPOINTS, SERVICES } from '../../src/sandbox/resources.ts';
import { eventually, openSandboxTarget, withCode } from '../api-contract/target.ts';
import { deployCrds } from '../cluster/deployed.ts';
import { startReplica } from './replica.ts';
import { testWebhooks } from './suite.ts';

testWebhooks('sandbox', openSandboxTarget);

/** A real API server goes by the Service's own address, which leads nowhere without a proxy. */
test('webhooks behind a Service are asked by its name', async t => {
  const target = await openSandboxTarget();
  t.after(() => target.close());
  const { client, kubeconfigPath, namespace } = target;
  await deployCrds(client);
  const service = { namespace: 'kube-system', name: 'underlane-webhooks' };
  const replica = await startReplica(kubeconfigPath, { service: { ...service, port: 443 } });
  t.after(() => replica.stop());
  const { port } = replica;
  await client.create(SERVICES, { metadata: service, spec: { ports: [{ port: 443, targetPort: port }] } });
  await client.create(ENDPOINTS, {
    metadata: service,
    subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port }] }],
  });
  const make = (name: string) =>
    client.create(NETWORK_ATTACHMENT_DEFINITIONS, { metadata: { namespace, name }, spec: { config: '{' } });
  let count = 0;
  await eventually('the Service to be asked', async () => {
    try {
      await make(`early-${count++}`);
      return undefined;
    } catch (error) {
      return withCode('Invalid')(error);
    }
  });
  await assert.rejects(make('late'), withCode('Invalid'));
});
