import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { codeOf, systemClock } from '#base';
import { type Launcher, launcherArgs } from './launcher.ts';
import { hiddenFailure, type PluginCallName, pluginFailure, startFailure } from './plugin-failure.ts';
import { watchPlugin } from './watch-plugin.ts';

/** A plugin to be run: `command` and `network` are for errors, it reads CNI_COMMAND itself. */
export interface PluginExec extends PluginCallName {
  /** The plugin's whole environment, see {@link formatPluginEnv}. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  /** What starts it; `path` is then as the node sees it. */
  readonly launcher?: Launcher;
}

export interface PluginOutput {
  readonly stdout: string;
}

/**
 * Runs a plugin to its end and returns what it printed. It runs in a process group of its own, and the whole group is
 * killed when the time is over, the signal is aborted, stdout grows past 1 MiB or the plugin fails; only then does this settle, so
 * nothing of the group acts any more.
 *
 * Must not be called from inside an entered namespace: the child would be born there.
 * @throws CniError CNI_DELEGATE_FAILED with the plugin's own number where it printed one (on ADD also with exit code 0),
 * CNI_TRY_AGAIN_LATER after the timeout, CNI_IO_FAILURE when it cannot be run; the signal's reason when aborted
 */
export async function execPlugin(exec: PluginExec): Promise<PluginOutput> {
  exec.signal?.throwIfAborted();
  const child = await spawnWhenWritten(exec);
  const ended = await watchPlugin(child, exec, exec);
  if (ended.stopped !== undefined) throw ended.stopped;
  const exit = { ...callOf(exec), ...ended };
  if (ended.exitCode !== 0) throw pluginFailure(exit);
  const hidden = exec.command === 'ADD' ? hiddenFailure(exit) : undefined;
  if (hidden !== undefined) throw hidden;
  return { stdout: ended.stdout };
}

function callOf({ path, command, network }: PluginExec): PluginCallName {
  return { path, command, ...(network === undefined ? {} : { network }) };
}

/** Retried like reference runtimes do, more often and for as long: 25 * 200 ms. */
const BUSY_RETRIES = 25;
const BUSY_PAUSE_MS = 200;

/** Spawns the plugin; while somebody is still writing its file (ETXTBSY, an installer at work) tries again. A launcher does that itself. */
async function spawnWhenWritten(exec: PluginExec): Promise<ChildProcess> {
  for (let retry = 0; ; retry++) {
    try {
      return await spawnOnce(exec);
    } catch (error) {
      if (codeOf(error) !== 'ETXTBSY' || retry === BUSY_RETRIES) throw startFailure(exec, error);
    }
    await systemClock.sleep(BUSY_PAUSE_MS, exec.signal);
  }
}

/** Where a node's programs are: the agent's own PATH says where those of its container are. */
const NODE_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

function spawnOnce({ path, env, launcher }: PluginExec): Promise<ChildProcess> {
  const environment = launcher === undefined ? env : { ...env, PATH: NODE_PATH };
  const options: SpawnOptions = { env: { ...environment }, stdio: 'pipe', detached: true };
  return new Promise((resolve, reject) => {
    const child =
      launcher === undefined
        ? spawn(path, [], options)
        : spawn(launcher.program, launcherArgs(launcher, path), options);
    child.once('error', reject);
    child.once('spawn', () => {
      child.off('error', reject);
      resolve(child);
    });
  });
}
