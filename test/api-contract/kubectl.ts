import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { dump } from 'js-yaml';
import type { Target } from './target.ts';
import { CONFIG_MAPS } from './target.ts';

const run = promisify(execFile);
const HAS_KUBECTL = spawnSync('kubectl', ['version', '--client']).status === 0;

/** What people type: a stock kubectl against the server. */
export function testKubectl(target: () => Target): void {
  const skip = HAS_KUBECTL ? false : 'kubectl is not on PATH';
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    KUBECONFIG: target().kubeconfigPath,
    NO_PROXY: '*',
    HOME: tmpdir(),
  });
  const kubectl = async (...args: readonly string[]): Promise<string> =>
    (await run('kubectl', ['-n', target().namespace, ...args], { env: env() })).stdout;

  async function apply(...objects: readonly object[]): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), 'underlane-kubectl-'));
    const file = join(dir, 'manifest.yaml');
    writeFileSync(file, objects.map(object => dump(object)).join('---\n'));
    const output = await kubectl('apply', '-f', file);
    rmSync(dir, { recursive: true });
    return output;
  }

  const pod = (image: string): object => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'typed', labels: { app: 'typed' } },
    spec: { containers: [{ name: 'main', image, env: [{ name: 'A', value: '1' }] }] },
  });
  const service = (port: number): object => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'typed' },
    spec: { selector: { app: 'typed' }, ports: [{ name: 'http', port }] },
  });
  const deployment = (labels: object): object => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'typed', labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'typed' } },
      template: { metadata: { labels: { app: 'typed' } }, spec: { containers: [{ name: 'main', image: 'none:1' }] } },
    },
  });

  test('kubectl apply creates, leaves alone, and changes', { skip }, async () => {
    assert.match(
      await apply(pod('none:1'), service(80), deployment({ a: '1', b: '2' })),
      /pod\/typed created\nservice\/typed created\ndeployment.apps\/typed created/,
    );
    assert.match(
      await apply(pod('none:1'), service(80), deployment({ a: '1', b: '2' })),
      /pod\/typed unchanged\nservice\/typed unchanged\ndeployment.apps\/typed unchanged/,
    );
    assert.match(
      await apply(pod('none:2'), service(81), deployment({ a: '1' })),
      /pod\/typed configured\nservice\/typed configured\ndeployment.apps\/typed configured/,
    );
    const jsonpath = (kind: string, path: string): Promise<string> =>
      kubectl('get', kind, 'typed', '-o', `jsonpath=${path}`);
    assert.equal(await jsonpath('pod', '{.spec.containers[0].image}{.spec.containers[0].env[0].value}'), 'none:21');
    assert.equal(await jsonpath('service', '{.spec.ports[*].port}'), '81');
    assert.equal(await jsonpath('deployment', '{.metadata.labels}'), '{"a":"1"}');
  });

  test('kubectl get prints the usual columns, short names and all', { skip }, async () => {
    const wide = await kubectl('get', 'po,svc,deploy', '-o', 'wide');
    assert.match(wide, /NAME +READY +STATUS +RESTARTS +AGE +IP +NODE/);
    assert.match(wide, /pod\/typed +0\/1 +Pending +0 +\S+ +<none> +<none>/);
    assert.match(wide, /NAME +TYPE +CLUSTER-IP +EXTERNAL-IP +PORT\(S\) +AGE +SELECTOR/);
    assert.match(wide, /service\/typed +ClusterIP +\S+ +<none> +81\/TCP +\S+ +app=typed/);
    assert.match(wide, /deployment.apps\/typed +0\/2/);
    assert.match(await kubectl('get', 'pods', '-l', 'app in (typed)', '-o', 'name'), /^pod\/typed\n$/);
    assert.match(await kubectl('get', 'namespaces'), /default +Active/);
    assert.match(await kubectl('api-resources'), /pods +po +v1 +true +Pod/);
  });

  test('kubectl label, annotate, patch, scale and describe work', { skip }, async () => {
    await kubectl('label', 'pod', 'typed', 'colour=blue');
    await kubectl('annotate', 'pod', 'typed', 'note=hello');
    await kubectl('patch', 'pod', 'typed', '-p', '{"metadata":{"labels":{"shape":"round"}}}');
    const described = await kubectl('describe', 'pod', 'typed');
    assert.match(described, /colour=blue[\s\S]*shape=round[\s\S]*note: hello/);
    await kubectl('scale', 'deployment', 'typed', '--replicas=5');
    assert.equal(await kubectl('get', 'deployment', 'typed', '-o', 'jsonpath={.spec.replicas}'), '5');
  });

  test('kubectl get --watch follows changes as table rows', { skip }, async () => {
    const { client, namespace } = target();
    await client.create(CONFIG_MAPS, { metadata: { namespace, name: 'followed' } });
    const child = spawn('kubectl', ['-n', namespace, 'get', 'cm', 'followed', '-w', '--output-watch-events'], {
      env: env(),
    });
    try {
      let output = '';
      const arrived = new EventEmitter();
      child.stdout.on('data', chunk => {
        output += chunk;
        arrived.emit('more');
      });
      const next = async (pattern: RegExp): Promise<void> => {
        while (!pattern.test(output)) await once(arrived, 'more', { signal: AbortSignal.timeout(20_000) });
      };
      await next(/ADDED +followed +0/);
      await client.mergePatch(CONFIG_MAPS, { namespace, name: 'followed' }, { data: { a: '1' } });
      await next(/MODIFIED +followed +1/);
      await client.delete(CONFIG_MAPS, { namespace, name: 'followed' });
      await next(/DELETED +followed +1/);
    } finally {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    }
  });

  test('kubectl delete takes objects away', { skip }, async () => {
    await kubectl('delete', 'pod/typed', 'service/typed', 'deployment/typed');
    assert.equal((await kubectl('get', 'pods,services', '-l', 'app=typed', '-o', 'name')).trim(), '');
  });
}
