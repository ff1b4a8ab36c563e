/**
 * How third-party plugins are started by an agent that lives in a container: as programs of the node, in its root and outside of
 * the agent's cgroups, whose memory and end are not theirs.
 */
export interface Launcher {
  /** Our own program, as the agent sees it: it enters root and cgroups and then becomes the plugin. */
  readonly program: string;
  /** Where the agent has the node's root. */
  readonly root: string;
  /** The files `cgroup.procs` to be written to, as the agent sees them. */
  readonly cgroups: readonly string[];
}

/** The arguments that make the launcher become a program, which is named as the node sees it; without one it only tries. */
export function launcherArgs({ root, cgroups }: Launcher, program?: string): readonly string[] {
  return ['--exec', root, ...cgroups, '--', ...(program === undefined ? [] : [program])];
}
