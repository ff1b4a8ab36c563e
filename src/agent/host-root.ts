import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isJsonObject, type Log, messageOf } from '#base';
import { type Launcher, launcherArgs, parseShallowJson } from '#cni';
import { findDistDir } from '#install';
import { AgentError } from './errors.ts';

/**
 * What starts third-party plugins as the node's own programs, for an agent that lives in a container. Tried out before it is
 * relied on: that plugins stay in the agent's cgroups is no reason not to run them, and is said in the log.
 * @param root where the agent has the node's root
 * @throws AgentError HOST_ROOT
 */
export async function openHostRoot(root: string, log: Log): Promise<Launcher> {
  const program = join(findDistDir(), 'cni', 'underlane');
  const cgroups = rootCgroups(join(root, 'sys/fs/cgroup'));
  const launcher: Launcher = { program, root: resolve(root), cgroups };
  const cannotEnter = await problemOf({ ...launcher, cgroups: [] });
  if (cannotEnter !== undefined) {
    throw new AgentError('HOST_ROOT', `Cannot run plugins in --host-root "${root}": ${cannotEnter}`);
  }
  const cannotLeave =
    cgroups.length === 0 ? `There is no cgroup below "${join(root, 'sys/fs/cgroup')}"` : await problemOf(launcher);
  if (cannotLeave !== undefined) {
    log.warn(
      { reason: cannotLeave },
      "Third-party plugins stay in the agent's cgroup: its memory limit and its end are theirs, too",
    );
  }
  return launcher;
}

/** Of the one hierarchy that cgroup v2 has, or of each that v1 has. */
function rootCgroups(dir: string): readonly string[] {
  if (existsSync(join(dir, 'cgroup.procs'))) return [join(dir, 'cgroup.procs')];
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(dir, name, 'cgroup.procs'))
    .filter(path => existsSync(path));
}

/** What the launcher says stands in the way. */
function problemOf(launcher: Launcher): Promise<string | undefined> {
  return new Promise(settle => {
    execFile(launcher.program, [...launcherArgs(launcher)], { timeout: 10_000 }, (error, stdout) =>
      settle(error === null ? undefined : (messageIn(stdout) ?? messageOf(error))),
    );
  });
}

function messageIn(stdout: string): string | undefined {
  try {
    const printed = parseShallowJson(stdout);
    return isJsonObject(printed) && typeof printed['msg'] === 'string' ? printed['msg'] : undefined;
  } catch {
    // It did not get as far as that: how it ended tells.
    return undefined;
  }
}
