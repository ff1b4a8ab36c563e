import type { ChildProcess } from 'node:child_process';
import { codeOf } from '#base';
import { CniError } from './errors.ts';
import { oversizeFailure, type PluginCallName, timeoutFailure } from './plugin-failure.ts';

export interface WatchOptions {
  readonly stdin: string;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface Ended {
  readonly stdout: string;
  /** The end of it. */
  readonly stderr: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why we killed it, if we did. */
  readonly stopped?: unknown;
}

/** As much as our own shim takes as a reply. */
const STDOUT_LIMIT = 1024 * 1024;
/** Enough for the last words of a crash; logs of a chatty plugin must not fill our memory. */
const STDERR_KEPT = 4096;
/** How long a plugin that failed is listened to after its end: what it said is in the pipes already. */
const LAST_WORDS_MS = 1_000;

/**
 * Feeds a plugin that leads a process group of its own, and takes in what it prints until it has ended. The whole group is killed
 * when the time is over, the signal is aborted, too much is printed or the plugin fails; only then does this settle. What a plugin
 * that succeeds leaves running is its own affair, as long as it lets go of the output.
 */
export function watchPlugin(child: ChildProcess, call: PluginCallName, options: WatchOptions): Promise<Ended> {
  return new Promise(resolve => {
    const stdout: Buffer[] = [];
    let stdoutBytes = 0;
    let stderr = '';
    let stopped: unknown;
    let exit: { readonly exitCode: number | null; readonly signal: string | null } | undefined;
    /** Once it is empty, its number may be another's. */
    let isGroupGone = false;

    const killGroup = (): void => {
      if (!isGroupGone) isGroupGone = !signalGroup(child, 'SIGKILL');
    };
    const stop = (reason: unknown): void => {
      if (stopped !== undefined) return;
      stopped = reason ?? new CniError('CNI_INTERNAL', 'Plugin was stopped without a reason');
      killGroup();
      // A process that left the group may hold the pipes open for ever.
      if (exit !== undefined) settle();
    };
    const onAbort = (): void => stop(options.signal?.reason);
    const timer = setTimeout(
      () => stop(timeoutFailure(call, options.timeoutMs, exit !== undefined)),
      options.timeoutMs,
    );
    let lastWords: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(lastWords);
      options.signal?.removeEventListener('abort', onAbort);
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream?.destroy();
      const output = { stdout: Buffer.concat(stdout).toString('utf8'), stderr };
      resolve({ ...output, exitCode: exit?.exitCode ?? null, signal: exit?.signal ?? null, stopped });
    };

    child.stdout?.on('data', (chunk: Buffer) => {
      stdoutBytes += chunk.length;
      if (stdoutBytes > STDOUT_LIMIT) return stop(oversizeFailure(call, STDOUT_LIMIT));
      stdout.push(chunk);
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    child.once('exit', (exitCode, signal) => {
      exit = { exitCode, signal };
      isGroupGone = !signalGroup(child, 0);
      if (stopped !== undefined) return settle();
      if (exitCode === 0) return;
      killGroup();
      lastWords = setTimeout(settle, LAST_WORDS_MS);
    });
    child.once('close', () => {
      if (stopped === undefined) settle();
    });
    // A plugin may end without reading its stdin; how it ended tells, not the broken pipe.
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.stdin);
    options.signal?.addEventListener('abort', onAbort, { once: true });
    if (options.signal?.aborted) onAbort();
  });
}

/** False when nobody is left in the group. */
function signalGroup({ pid }: ChildProcess, signal: 'SIGKILL' | 0): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
    // Members that have become another user's: they are there, and not ours to end.
    if (codeOf(error) === 'EPERM') return true;
    throw error;
  }
}
