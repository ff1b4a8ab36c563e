import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { SECRETS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '#api';
import { silentLog, systemClock } from '#base';
import { createKubeClient, type KubeClient } from '#kube';
import { readMarkdown } from '../../scripts/docs/markdown.ts';
import { announceWebhooks } from '../../src/controller/webhooks/announce-webhooks.ts';
import { keepCertificates } from '../../src/controller/webhooks/certificate-keeper.ts';
import { CERTIFICATE_SECRET } from '../../src/controller/webhooks/options.ts';
import { eventually, openClusterTarget, type Target, withCode } from '../api-contract/target.ts';
import { kubectl } from './kubectl.ts';

const PAGE = join(import.meta.dirname, '../../docs/webhooks.md');
const HAS_KUBECTL = spawnSync('kubectl', ['version', '--client']).status === 0;
const NAMESPACE = 'kube-system';

/** Gives a service account the roles of the page, and nothing else. */
const BINDINGS = `
apiVersion: v1
kind: ServiceAccount
metadata: { name: reviewer, namespace: ${NAMESPACE} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: reviewer }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: underlane-webhooks }
subjects: [{ kind: ServiceAccount, name: reviewer, namespace: ${NAMESPACE} }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: reviewer, namespace: ${NAMESPACE} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: underlane-webhooks }
subjects: [{ kind: ServiceAccount, name: reviewer, namespace: ${NAMESPACE} }]
`;

describe('the roles of docs/webhooks.md', { skip: HAS_KUBECTL ? false : 'kubectl is not on PATH' }, () => {
  let target: Target;
  let client: KubeClient;
  const ending = new AbortController();

  before(async () => {
    target = await openClusterTarget();
    const [manifest] = readMarkdown(readFileSync(PAGE, 'utf8')).blocks.filter(({ language }) => language === 'yaml');
    const applied = await kubectl(target.kubeconfigPath, ['apply', '-f', '-'], `${manifest?.text}---\n${BINDINGS}`);
    assert.equal(applied.exitCode, 0, applied.stderr);
    const { stdout, stderr } = await kubectl(target.kubeconfigPath, ['-n', NAMESPACE, 'create', 'token', 'reviewer']);
    assert.notEqual(stdout, '', stderr);
    client = createKubeClient({ ...target.config, token: stdout.trim() });
  });
  after(async () => {
    ending.abort();
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
    announceWebhooks({ port: 1, place }, { ...common, namespace: NAMESPACE }, ending.signal).catch(() => undefined);
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
});
