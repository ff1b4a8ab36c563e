import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { skipWithoutKubectl } from '../kubectl/kubectl.ts';
import type { Target } from './target.ts';
import { CONFIG_MAPS } from './target.ts';

/** A kubectl that stays; test/kubectl has the commands that end. */
export function testKubectl(target: () => Target): void {
  const { skip } = skipWithoutKubectl();
  const env = (): NodeJS.ProcessEnv => ({
    ...process.env,
    KUBECONFIG: target().kubeconfigPath,
    NO_PROXY: '*',
    HOME: tmpdir(),
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
}
