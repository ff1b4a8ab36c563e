/** What deploy/ holds, on an API server. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type KubeObject, listCrds, type Resource } from '#api';
import { isApiError, type KubeClient } from '#kube';
import { type Manifest, parseManifests } from '../../src/sandbox/manifests.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import { eventually, withCode } from '../api-contract/target.ts';

/** Where everything is that is of a namespace. */
export const NAMESPACE = 'kube-system';

export type DeployedFile = 'agent.yaml' | 'controller.yaml';

export function readDeployed(file: DeployedFile): string {
  return readFileSync(join(import.meta.dirname, '../../deploy', file), 'utf8');
}

const ROLE_KINDS: ReadonlySet<string> = new Set([
  'ClusterRole',
  'ClusterRoleBinding',
  'Role',
  'RoleBinding',
  'ServiceAccount',
]);

interface TokenRequest extends KubeObject {
  readonly apiVersion: string;
  readonly status?: { readonly token?: string };
}

/**
 * Makes the service account of a file of deploy/, with the roles that the file gives it.
 * @returns a token: with it one may what these roles allow, and nothing else
 */
export async function grantRolesOf(file: DeployedFile, client: KubeClient): Promise<string> {
  const manifests = parseManifests(readDeployed(file), `deploy/${file}`).filter(({ kind }) => ROLE_KINDS.has(kind));
  for (const manifest of manifests) await put(client, manifest);
  const account = { namespace: NAMESPACE, name: `underlane-${file.replace('.yaml', '')}` };
  const request: Resource<TokenRequest> = {
    ...{ group: '', version: 'v1', kind: 'TokenRequest', isNamespaced: true },
    plural: `serviceaccounts/${account.name}/token`,
  };
  const asked: TokenRequest = { apiVersion: 'authentication.k8s.io/v1', metadata: account };
  const { status } = await client.create(request, asked);
  if (status?.token === undefined) throw new Error(`No token for service account "${account.name}"`);
  return status.token;
}

/** A cluster that stays may have it from an earlier run. */
async function put(client: KubeClient, manifest: Manifest): Promise<void> {
  const resource = resourceOf(manifest);
  try {
    await client.create(resource, manifest);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
    await client.mergePatch(resource, manifest.metadata, manifest);
  }
}

/** Of kinds whose plural only has one letter more. */
export function resourceOf({ apiVersion, kind, metadata }: Manifest): Resource<Manifest> {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, isNamespaced: metadata.namespace !== undefined };
}

/** Makes our CRDs, and waits until all of them are served. */
export async function deployCrds(client: KubeClient): Promise<void> {
  for (const crd of listCrds()) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd).catch(withCode('AlreadyExists'));
  const kinds = listCrds().map(({ spec: { group, names, scope, versions } }): Resource => {
    const [{ name: version } = { name: '' }] = versions;
    return { group, version, plural: names.plural, kind: names.kind, isNamespaced: scope === 'Namespaced' };
  });
  await eventually('the kinds to be served', async () => {
    try {
      return await Promise.all(kinds.map(kind => client.list(kind)));
    } catch {
      return undefined;
    }
  });
}
