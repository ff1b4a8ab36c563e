import type { CniRequest, JsonObject } from '#cni';
import type { PoolCatalog } from '#ipam';
import type { NodeDevices } from '../deps.ts';
import type { NetworkSources } from './find-network.ts';
import { type PipelineConfig, parsePipelineConfig } from './pipeline-config.ts';

/** What networks are resolved with. */
export interface ResolveDeps extends NetworkSources {
  readonly lacksKind: (kind: string) => boolean;
  readonly devices: NodeDevices;
  /** Undefined without API server. */
  readonly catalog?: Pick<PoolCatalog, 'named'>;
  /** Keys of the agent's own file that win over those of the runtime's configuration. */
  readonly overlay?: JsonObject;
  /** Hears what of the configuration means nothing, in sentences, each time that it is read. */
  readonly onConfigWarning?: (warning: string) => void;
}

/** What the configuration of a request to the pipeline says. @throws AttachError NETWORK_CONFIG */
export function pipelineOf({ config }: CniRequest, { overlay, onConfigWarning }: ResolveDeps): PipelineConfig {
  const pipeline = parsePipelineConfig(config.plugin, overlay);
  for (const { key, message } of pipeline.warnings) onConfigWarning?.(`${pipeline.source}: ${key}: ${message}`);
  return pipeline;
}
