import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { loadAll } from 'js-yaml';
import { createProgram } from './program.ts';

interface Mount {
  readonly name: string;
  readonly mountPath: string;
}

interface Workload {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly args: readonly string[];
          readonly volumeMounts?: readonly Mount[];
        }[];
        readonly volumes?: readonly { readonly name: string; readonly hostPath: { readonly path: string } }[];
      };
    };
  };
}

/** What a file of deploy/ runs, and the command that reads its arguments. */
function readWorkload(file: string) {
  const objects = loadAll(readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8')) as readonly Workload[];
  const { spec } = objects.find(({ kind }) => kind === 'DaemonSet' || kind === 'Deployment') ?? assert.fail(file);
  const pod = spec.template.spec;
  const [container] = pod.containers;
  assert.ok(container !== undefined);
  const [, name = ''] = container.command;
  const command: Command | undefined = createProgram(() => undefined).commands.find(one => one.name() === name);
  assert.ok(command !== undefined, name);
  return { container, command, volumes: pod.volumes ?? [] };
}

for (const file of ['agent.yaml', 'controller.yaml']) {
  test(`deploy/${file} gives the program options that it has, with values that it takes`, () => {
    const { container, command } = readWorkload(file);
    assert.deepEqual(command.parseOptions([...container.args]), { operands: [], unknown: [] });
  });
}

test('deploy/agent.yaml mounts what the agent keeps on its node, under the names that the node has for it', () => {
  const { container, command, volumes } = readWorkload('agent.yaml');
  command.parseOptions([...container.args]);
  const { cniBinDir, cniCacheDir, kubeletDir, socket, stateDir } = command.opts();
  for (const path of [cniBinDir, cniCacheDir, kubeletDir, socket, stateDir, '/etc/cni/net.d', '/run/netns']) {
    const mount = container.volumeMounts?.find(({ mountPath }) => `${path}/`.startsWith(`${mountPath}/`));
    const volume = volumes.find(({ name }) => name === mount?.name);
    assert.equal(volume?.hostPath.path, mount?.mountPath, path);
    assert.ok(mount !== undefined, path);
  }
});
