import type { NetworkAttachmentDefinition } from '#api';
import type { CniVersion, NetworkConfig } from '#cni';
import { parseNetworkConfig } from '#cni';
import { NetworksError } from './errors.ts';

const FORMER_VERSION: CniVersion = '0.3.1';

/**
 * The network that a NetworkAttachmentDefinition defines. A config without a name gets the object's, without
 * its namespace; one without a version gets the one that was current when leaving it out was common.
 *
 * @throws NetworksError when `spec.config` is empty, and #cni's error when it is no CNI configuration
 */
export function resolveNad(nad: NetworkAttachmentDefinition): NetworkConfig {
  const source = nadSource(nad);
  const config = nad.spec?.config;
  if (config === undefined || config.trim() === '') {
    throw new NetworksError(
      'NAD_INVALID',
      `Cannot use ${source}: spec.config is ${config === undefined ? 'missing' : 'empty'}, expected a CNI configuration as JSON text`,
      { details: { namespace: nad.metadata.namespace, name: nad.metadata.name } },
    );
  }
  return parseNetworkConfig(config, {
    source: `${source}: spec.config`,
    defaultName: nad.metadata.name,
    defaultVersion: FORMER_VERSION,
  });
}

/** How errors name the object. */
export function nadSource(nad: NetworkAttachmentDefinition): string {
  const { namespace, name } = nad.metadata;
  return `NetworkAttachmentDefinition "${namespace === undefined ? name : `${namespace}/${name}`}"`;
}
