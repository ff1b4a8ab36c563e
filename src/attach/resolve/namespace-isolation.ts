import type { NetworkSelection } from '#networks';
import { AttachError } from '../errors.ts';
import type { PipelineConfig } from './pipeline-config.ts';

/**
 * Makes sure that a pod asks for networks of its own namespace and of the open ones only, where namespaces are isolated. Pure.
 * @throws AttachError NETWORK_CONFIG naming annotation, network and what is allowed
 */
export function requireVisible(
  annotation: string,
  asked: readonly Pick<NetworkSelection, 'namespace' | 'name'>[],
  podNamespace: string,
  { openNamespaces }: Pick<PipelineConfig, 'openNamespaces'>,
): void {
  if (openNamespaces === undefined) return;
  const allowed = new Set([podNamespace, ...openNamespaces]);
  const foreign = asked.find(({ namespace }) => !allowed.has(namespace));
  if (foreign === undefined) return;
  throw new AttachError(
    'NETWORK_CONFIG',
    `Cannot use annotation "${annotation}": network is "${foreign.namespace}/${foreign.name}", expected one of namespace ${[...allowed].join(', ')} (namespaceIsolation)`,
    { details: { annotation } },
  );
}
