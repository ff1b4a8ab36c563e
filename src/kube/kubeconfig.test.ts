import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { KubeconfigError } from './errors.ts';
import { loadKubeconfig, parseKubeconfig } from './kubeconfig.ts';
import { createTokenSource } from './token-source.ts';

function text(cluster: object, user: object, context: object = {}): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', ...context } }],
    'current-context': 'x',
  });
}

async function withDir(run: (dir: string) => void | Promise<void>): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-kubeconfig-'));
  try {
    await run(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const SERVER = { server: 'https://10.0.0.1:6443' };
const base64 = (plain: string): string => Buffer.from(plain).toString('base64');

test('parseKubeconfig reads YAML: server, inline PEMs, token and namespace of the current context', async () => {
  const yaml = `
apiVersion: v1
kind: Config
current-context: b
clusters:
- name: one
  cluster: {server: "https://10.0.0.1:6443/", certificate-authority-data: ${base64('CA')}, tls-server-name: api}
users:
- name: me
  user: {token: t, client-certificate-data: ${base64('CERT')}, client-key-data: ${base64('KEY')}}
contexts:
- {name: a, context: {cluster: other, user: me}}
- {name: b, context: {cluster: one, user: me, namespace: here}}
`;
  assert.deepEqual(await parseKubeconfig(yaml, '/f'), {
    server: 'https://10.0.0.1:6443',
    ca: 'CA',
    isTlsVerified: true,
    tlsServerName: 'api',
    token: 't',
    clientCertificate: 'CERT',
    clientKey: 'KEY',
    namespace: 'here',
  });
});

test('parseKubeconfig takes file names relative to the kubeconfig', async () => {
  await withDir(async dir => {
    writeFileSync(join(dir, 'ca.crt'), 'CA-FILE');
    const config = await parseKubeconfig(
      text({ ...SERVER, 'certificate-authority': 'ca.crt' }, { tokenFile: 'token' }),
      join(dir, 'config'),
    );
    assert.equal(config.ca, 'CA-FILE');
    assert.equal(config.tokenFile, join(dir, 'token'));
    assert.equal(config.namespace, 'default');
  });
});

test('parseKubeconfig switches verification off only by a boolean', async () => {
  const unverified = await parseKubeconfig(text({ ...SERVER, 'insecure-skip-tls-verify': true }, {}), '/f');
  assert.equal(unverified.isTlsVerified, false);
  await assert.rejects(
    () => parseKubeconfig(text({ ...SERVER, 'insecure-skip-tls-verify': 'true' }, {}), '/f'),
    /insecure-skip-tls-verify is "true", expected true or false/,
  );
});

test('parseKubeconfig names file, field and value of what is wrong', async () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a: [', 'Cannot read kubeconfig "/f": not YAML'],
    ['just text', 'Cannot use kubeconfig "/f": top level is wrong, expected a map of fields'],
    ['{}', 'Cannot use kubeconfig "/f": current-context is wrong, expected a context name'],
    [
      '{current-context: x}',
      'Cannot use kubeconfig "/f": contexts["x"].context is wrong, expected an entry of this name',
    ],
    [text({}, {}), 'Cannot use kubeconfig "/f": clusters["c"].cluster.server is wrong, expected a http or https URL'],
    [
      text({ server: '10.0.0.1:6443' }, {}),
      'Cannot use kubeconfig "/f": clusters["c"].cluster.server is "10.0.0.1:6443", expected a http or https URL',
    ],
    [text({ server: 7 }, {}), 'Cannot use kubeconfig "/f": clusters["c"].cluster.server is 7, expected a string'],
    [
      text(SERVER, {}, { user: 'nobody' }),
      'Cannot use kubeconfig "/f": users["nobody"].user is wrong, expected an entry of this name',
    ],
    [
      text(SERVER, { 'client-key-data': base64('K') }),
      'Cannot use kubeconfig "/f": users["u"].user is wrong, expected client-certificate and client-key, both or none',
    ],
    [
      text(SERVER, { exec: { command: 'aws' } }),
      'Cannot use kubeconfig "/f": users["u"].user.exec is wrong, expected absent',
    ],
    [text({ ...SERVER, 'certificate-authority': '/nowhere/ca.crt' }, {}), 'Cannot read "/nowhere/ca.crt": ENOENT'],
  ];
  for (const [content, message] of cases) {
    await assert.rejects(
      () => parseKubeconfig(content, '/f'),
      (error: unknown) => error instanceof KubeconfigError && error.message.startsWith(message),
      message,
    );
  }
});

test('loadKubeconfig without a path uses the service account of the pod', async () => {
  await withDir(async dir => {
    for (const [name, content] of Object.entries({ 'ca.crt': 'CA', token: 'T', namespace: 'kube-system\n' }))
      writeFileSync(join(dir, name), content);
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443' };
    const config = await loadKubeconfig(undefined, { env, serviceAccountDir: dir });
    assert.deepEqual(config, {
      server: 'https://[fd00::1]:443',
      ca: 'CA',
      isTlsVerified: true,
      tokenFile: `${dir}/token`,
      namespace: 'kube-system',
    });
  });
});

test('loadKubeconfig without a path outside a pod says what is missing', async () => {
  await assert.rejects(
    () => loadKubeconfig(undefined, { env: {} }),
    (error: unknown) => error instanceof KubeconfigError && error.code === 'NOT_IN_CLUSTER',
  );
});

test('loadKubeconfig names a file that cannot be read', async () => {
  await assert.rejects(
    () => loadKubeconfig('/nowhere/config'),
    (error: unknown) => error instanceof KubeconfigError && error.code === 'UNREADABLE',
  );
});

test('createTokenSource reads a token file again, and keeps the last token while it cannot be read', async () => {
  await withDir(dir => {
    const tokenFile = join(dir, 'token');
    let now = 0;
    const next = createTokenSource({ tokenFile }, { now: () => now, sleep: () => Promise.resolve() });
    assert.throws(next, KubeconfigError);
    writeFileSync(tokenFile, 'one\n');
    assert.equal(next(), 'one');
    writeFileSync(tokenFile, 'two');
    assert.equal(next(), 'one');
    now += 60_000;
    assert.equal(next(), 'two');
    rmSync(tokenFile);
    now += 60_000;
    assert.equal(next(), 'two');
  });
});
