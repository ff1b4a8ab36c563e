import { formatArgs } from './args.ts';
import type { CniCommand } from './request.ts';

export interface PluginEnvInput {
  readonly command: CniCommand;
  /** Left out for GC and STATUS, which concern no container; so is `ifname`. */
  readonly containerId?: string;
  readonly ifname?: string;
  /** Left out on a DEL that came without. */
  readonly netns?: string;
  /** Pairs of CNI_ARGS. */
  readonly args: Readonly<Record<string, string>>;
  readonly binDirs: readonly string[];
  /** Token by which a request that this plugin makes to us is known as nested in the one that runs it. */
  readonly call?: string;
  /** Our agent's socket, for plugins that are ours again. */
  readonly socket?: string;
}

/** The whole environment of a plugin that we exec; nothing of the agent's own gets in, except PATH. */
export function formatPluginEnv(input: PluginEnvInput): Readonly<Record<string, string>> {
  return {
    CNI_COMMAND: input.command,
    CNI_CONTAINERID: input.containerId ?? '',
    CNI_NETNS: input.netns ?? '',
    CNI_IFNAME: input.ifname ?? '',
    CNI_ARGS: formatArgs(input.args),
    CNI_PATH: input.binDirs.join(':'),
    PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    ...(input.call !== undefined && { UNDERLANE_CALL: input.call }),
    ...(input.socket !== undefined && { UNDERLANE_SOCKET: input.socket }),
  };
}
