/** What deploy/ holds, on an API server. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listCrds } from '#api';
import type { KubeClient } from '#kube';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import { eventually, withCode } from '../api-contract/target.ts';
import { kubectl } from '../kubectl/kubectl.ts';

/** Where everything is that is of a namespace. */
export const NAMESPACE = 'kube-system';

export type DeployedFile = 'agent.yaml' | 'controller.yaml';

/** A file of deploy/ as this API server takes it: those before 1.21 know PodDisruptionBudgets by their former version. */
export async function readDeployed(file: DeployedFile, kubeconfig: string): Promise<string> {
  const text = readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8');
  const { stdout } = await kubectl(kubeconfig, ['api-versions']);
  return stdout.split('\n').includes('policy/v1')
    ? text
    : text.replace('apiVersion: policy/v1\n', 'apiVersion: policy/v1beta1\n');
}

/**
 * Applies a file of deploy/, and asks for a token of the service account that it makes: with it one may what the file's roles
 * allow, and nothing else.
 */
export async function deployAs(file: DeployedFile, kubeconfig: string): Promise<string> {
  const applied = await kubectl(kubeconfig, ['apply', '-f', '-'], await readDeployed(file, kubeconfig));
  assert.equal(applied.exitCode, 0, applied.stderr);
  const account = `underlane-${file.replace('.yaml', '')}`;
  const { stdout, stderr } = await kubectl(kubeconfig, ['-n', NAMESPACE, 'create', 'token', account]);
  assert.notEqual(stdout, '', stderr);
  return stdout.trim();
}

/** Makes our CRDs, and waits until all of them are served. */
export async function deployCrds(client: KubeClient): Promise<void> {
  for (const crd of listCrds()) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd).catch(withCode('AlreadyExists'));
  await eventually('the kinds to be served', async () => {
    try {
      return await Promise.all(
        listCrds().map(({ spec: { group, names, scope, versions } }) =>
          client.list({
            group,
            version: versions[0]?.name ?? '',
            plural: names.plural,
            kind: names.kind,
            isNamespaced: scope === 'Namespaced',
          }),
        ),
      );
    } catch {
      return undefined;
    }
  });
}
