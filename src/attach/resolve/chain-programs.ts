import {
  execPlugin,
  findPlugin as findProgram,
  formatPluginEnv,
  type JsonObject,
  type NetworkConfig,
  type PluginConfig,
  preparePluginConfig,
  prepareStdin,
} from '#cni';
import type { AttachDeps } from '../deps.ts';
import { AttachError } from '../errors.ts';
import type { ChainStep } from './chain.ts';

/** A third-party program in a network's chain: a plugin, or the IPAM that one of ours asks. */
export interface ChainProgram {
  readonly role: 'plugin' | 'ipam';
  readonly type: string;
  readonly config: PluginConfig;
}

/** The third-party programs of a chain, in its order. */
export function chainPrograms(chain: readonly ChainStep[]): readonly ChainProgram[] {
  return chain.flatMap((step): readonly ChainProgram[] => {
    if (step.kind === 'exec') return [{ role: 'plugin', type: step.config.type, config: step.config }];
    if (step.kind !== 'planned' || step.ipam?.kind !== 'exec') return [];
    return [{ role: 'ipam', type: step.ipam.type, config: step.ipam.config }];
  });
}

/** Where a network's configuration names a program, for errors. */
export function fieldOf({ role }: Pick<ChainProgram, 'role'>): string {
  return role === 'ipam' ? 'ipam.type' : 'type';
}

/**
 * Runs a third-party program for a verb that concerns the network and no container.
 * @param keys put into its configuration
 * @throws CniError with the program's own code and text; AttachError UNKNOWN_PLUGIN
 */
export async function runForNetwork(
  command: 'GC' | 'STATUS',
  network: Pick<NetworkConfig, 'name' | 'cniVersion'>,
  program: ChainProgram,
  keys: JsonObject,
  deps: Pick<AttachDeps, 'binDirs' | 'deadlines' | 'launcher' | 'socket'>,
  signal: AbortSignal,
): Promise<void> {
  const path = await findProgram(program.type, deps.binDirs, deps.launcher?.root);
  if (path === undefined) {
    throw new AttachError(
      'UNKNOWN_PLUGIN',
      `Cannot ask network "${network.name}" for ${command}: ${fieldOf(program)} is "${program.type}", expected one that Underlane implements or a program in ${deps.binDirs.join(', ') || 'a --cni-bin-dir'}`,
    );
  }
  const config = preparePluginConfig({ network, plugin: program.config });
  await execPlugin({
    path,
    command,
    network: network.name,
    env: formatPluginEnv({ command, args: {}, binDirs: deps.binDirs, socket: deps.socket }),
    stdin: prepareStdin({ ...config, ...keys }),
    timeoutMs: deps.deadlines.delegateMs,
    signal,
    ...(deps.launcher === undefined ? {} : { launcher: deps.launcher }),
  });
}
