import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { basename } from 'node:path';
import { codeOf, messageOf, systemClock } from '#base';
import { CniError } from './errors.ts';
import { pluginFailure } from './plugin-failure.ts';

export interface PluginExec {
  readonly path: string;
  /** For errors; the plugin itself reads CNI_COMMAND from `env`. */
  readonly command: string;
  /** The plugin's whole environment, see {@link formatPluginEnv}. */
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly cwd?: string;
}

export interface PluginOutput {
  readonly stdout: string;
}

/** As much as our own shim takes as a reply. */
const STDOUT_LIMIT = 1024 * 1024;
/** Enough for the last words of a crash; logs of a chatty plugin must not fill our memory. */
const STDERR_KEPT = 4096;

/**
 * Runs a plugin to its end and returns what it printed. It runs in a process group of its own, and the whole group is
 * killed when the time is over, the signal is aborted or stdout grows past 1 MiB; only then does this settle, so nothing
 * of the group acts any more.
 *
 * Must not be called from inside an entered namespace: the child would be born there.
 * @throws CniError CNI_DELEGATE_FAILED with the plugin's own number where it printed one, CNI_TRY_AGAIN_LATER after the
 * timeout, CNI_IO_FAILURE when it cannot be run; the signal's reason when aborted
 */
export async function execPlugin(exec: PluginExec): Promise<PluginOutput> {
  exec.signal?.throwIfAborted();
  const child = await spawnWhenWritten(exec);
  const ended = await watch(child, exec);
  if (ended.stopped !== undefined) throw ended.stopped;
  if (ended.exitCode === 0) return { stdout: ended.stdout };
  throw pluginFailure({ path: exec.path, command: exec.command, ...ended });
}

/** Retried like reference runtimes do, more often and for as long: 25 * 200 ms. */
const BUSY_RETRIES = 25;
const BUSY_PAUSE_MS = 200;

/** Spawns the plugin; while somebody is still writing its file (ETXTBSY, an installer at work) tries again. */
async function spawnWhenWritten(exec: PluginExec): Promise<ChildProcess> {
  for (let retry = 0; ; retry++) {
    try {
      return await spawnOnce(exec);
    } catch (error) {
      if (codeOf(error) !== 'ETXTBSY' || retry === BUSY_RETRIES) {
        const message = `Cannot run plugin "${exec.path}": ${messageOf(error)}`;
        throw new CniError('CNI_IO_FAILURE', message, { cause: error, details: { path: exec.path } });
      }
    }
    await systemClock.sleep(BUSY_PAUSE_MS, exec.signal);
  }
}

function spawnOnce({ path, env, cwd }: PluginExec): Promise<ChildProcess> {
  const options: SpawnOptions = { env: { ...env }, stdio: 'pipe', detached: true, ...(cwd !== undefined && { cwd }) };
  return new Promise((resolve, reject) => {
    const child = spawn(path, [], options);
    child.once('error', reject);
    child.once('spawn', () => {
      child.off('error', reject);
      resolve(child);
    });
  });
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why we killed it, if we did. */
  readonly stopped?: unknown;
}

function watch(child: ChildProcess, exec: PluginExec): Promise<Ended> {
  return new Promise(resolve => {
    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    let stderr = '';
    let stopped: unknown;
    let exit: { readonly exitCode: number | null; readonly signal: string | null } | undefined;

    const stop = (reason: unknown): void => {
      if (stopped !== undefined) return;
      stopped = reason ?? new CniError('CNI_INTERNAL', `Plugin "${basename(exec.path)}" was stopped`);
      killGroup(child);
      // A process that left the group may hold the pipes open for ever.
      if (exit !== undefined) settle();
    };
    const onAbort = (): void => stop(exec.signal?.reason);
    const timer = setTimeout(() => stop(timeoutError(exec)), exec.timeoutMs);
    const settle = (): void => {
      clearTimeout(timer);
      exec.signal?.removeEventListener('abort', onAbort);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      const output = { stdout: Buffer.concat(stdout).toString('utf8'), stderr };
      resolve({ ...output, exitCode: exit?.exitCode ?? null, signal: exit?.signal ?? null, stopped });
    };

    child.stdout?.on('data', (chunk: Buffer) => {
      stdoutBytes += chunk.length;
      if (stdoutBytes > STDOUT_LIMIT) return stop(oversizeError(exec));
      stdout.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    child.once('exit', (exitCode, signal) => {
      exit = { exitCode, signal };
      if (stopped !== undefined) settle();
    });
    child.once('close', () => {
      if (stopped === undefined) settle();
    });
    // A plugin may end without reading its stdin; how it ended tells, not the broken pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(exec.stdin);
    exec.signal?.addEventListener('abort', onAbort, { once: true });
    if (exec.signal?.aborted) onAbort();
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // Everything in the group has ended by itself.
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function timeoutError(exec: PluginExec): CniError {
  const message = `Plugin "${basename(exec.path)}" did not end its ${exec.command} within ${exec.timeoutMs} ms; it was killed`;
  return new CniError('CNI_TRY_AGAIN_LATER', message, { details: { path: exec.path, timeoutMs: exec.timeoutMs } });
}

function oversizeError(exec: PluginExec): CniError {
  const message = `Plugin "${basename(exec.path)}" printed more than ${STDOUT_LIMIT} bytes on its ${exec.command}; it was killed`;
  return new CniError('CNI_DECODING_FAILURE', message, { details: { path: exec.path } });
}
