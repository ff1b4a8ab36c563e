import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMarkdown } from '../../scripts/docs/markdown.ts';
import { kubectl } from '../kubectl/kubectl.ts';

const DOCS = join(import.meta.dirname, '../../docs');
/** Where the roles of the pages are. */
const NAMESPACE = 'kube-system';

/**
 * Applies what a page of docs/ says in its first YAML block, and gives a new service account the ClusterRole and the Role of
 * one name that are in there, and nothing else.
 * @returns the account's token
 */
export async function grantRolesOfPage(page: string, role: string, kubeconfigPath: string): Promise<string> {
  const { blocks } = readMarkdown(readFileSync(join(DOCS, page), 'utf8'));
  const manifest = blocks.find(({ language }) => language === 'yaml');
  assert.ok(manifest !== undefined, `docs/${page} has no YAML`);
  const applied = await kubectl(kubeconfigPath, ['apply', '-f', '-'], `${manifest.text}---\n${bindingsOf(role)}`);
  assert.equal(applied.exitCode, 0, applied.stderr);
  const { stdout, stderr } = await kubectl(kubeconfigPath, ['-n', NAMESPACE, 'create', 'token', role]);
  assert.notEqual(stdout, '', stderr);
  return stdout.trim();
}

/** A service account, named as its roles. */
function bindingsOf(role: string): string {
  return `
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${role}, namespace: ${NAMESPACE} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: ${role} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: ${role} }
subjects: [{ kind: ServiceAccount, name: ${role}, namespace: ${NAMESPACE} }]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: ${role}, namespace: ${NAMESPACE} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: ${role} }
subjects: [{ kind: ServiceAccount, name: ${role}, namespace: ${NAMESPACE} }]
`;
}
