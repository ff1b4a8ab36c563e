import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openClusterTarget, type Target } from '../api-contract/target.ts';
import { type DeployedFile, readDeployed } from '../cluster/deployed.ts';
import { type KubectlAnswer, kubectl, skipWithoutKubectl } from '../kubectl/kubectl.ts';

const CRDS = join(import.meta.dirname, '../../deploy/crds');
const FILES: readonly DeployedFile[] = ['agent.yaml', 'controller.yaml'];
/** What an API server takes to be more than it should. */
const OBJECTS: Readonly<Record<DeployedFile, number>> = { 'agent.yaml': 6, 'controller.yaml': 12 };

describe('deploy/ on a real API server', skipWithoutKubectl(), () => {
  let target: Target;
  let versions: readonly string[];

  before(async () => {
    target = await openClusterTarget();
    versions = (await kubectl(target.kubeconfigPath, ['api-versions'])).stdout.split('\n');
  });
  after(() => target.close());

  const apply = async (file: DeployedFile, ...more: readonly string[]): Promise<KubectlAnswer> => {
    const manifest = asKnown(readDeployed(file), versions);
    return kubectl(target.kubeconfigPath, ['apply', '--server-side', ...more, '-f', '-'], manifest);
  };

  test('is taken whole: looked at first, then applied, then applied again', async () => {
    const crds = await kubectl(target.kubeconfigPath, ['apply', '--server-side', '-f', CRDS]);
    assert.equal(crds.exitCode, 0, crds.stderr);
    for (const file of FILES) {
      for (const more of [['--dry-run=server'], [], []]) {
        const { exitCode, stdout, stderr } = await apply(file, ...more);
        assert.deepEqual([exitCode, stderr], [0, ''], file);
        assert.equal(stdout.trim().split('\n').length, OBJECTS[file], stdout);
      }
    }
  });

  test('asks for as much memory as was measured, and for the image of whoever applies it', async () => {
    const { stdout } = await kubectl(target.kubeconfigPath, [
      ...['-n', 'kube-system', 'get', 'daemonsets,deployments', '-o'],
      'jsonpath={range .items[*]}{.metadata.name} {.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].resources.requests.memory}{"\\n"}{end}',
    ]);
    assert.deepEqual(stdout.trim().split('\n').sort(), [
      'underlane-agent IMAGE 128Mi',
      'underlane-controller IMAGE 512Mi',
    ]);
  });
});

/** API servers before 1.21 know PodDisruptionBudgets by their former version, as the file says. */
function asKnown(manifest: string, versions: readonly string[]): string {
  if (versions.includes('policy/v1')) return manifest;
  return manifest.replace('apiVersion: policy/v1\n', 'apiVersion: policy/v1beta1\n');
}
