import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { SandboxError } from '../errors.ts';
import { type PodRecord, podRecordFile } from '../pod-record.ts';
import { systemPath } from './required-tools.ts';
import { listSandboxes, type SandboxRecord } from './state-dir.ts';

export interface ExecOptions {
  readonly pod: string;
  readonly namespace: string;
  readonly command: readonly string[];
  /** Default: the newest. */
  readonly sandboxId?: string;
}

/**
 * Runs a command in a pod's network namespace with this terminal as its own; resolves with the command's exit code.
 * nsenter walks from the machine into the sandbox (user, mount, pid and network namespace of its first process) and from
 * there into the pod, so a shell with job control works as it does outside.
 *
 * @throws SandboxError NOT_FOUND when no such sandbox or pod runs
 */
export async function execInPod(options: ExecOptions): Promise<number> {
  const sandbox = findSandbox(options.sandboxId);
  const { netns } = readPodRecord(sandbox, options);
  const user = process.getuid?.() === 0 ? [] : ['--user', '--preserve-credentials'];
  const child = spawn(
    'nsenter',
    [
      ...['--target', String(sandbox.init?.pid), ...user, '--mount', '--pid', '--net'],
      ...['nsenter', `--net=${netns}`, ...options.command],
    ],
    { stdio: 'inherit', env: { ...process.env, PATH: systemPath(process.env['PATH']) } },
  );
  // The terminal sends Ctrl-C to the command as well: whether to end is the command's business.
  const ignore = (): void => undefined;
  process.on('SIGINT', ignore);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
  } finally {
    process.removeListener('SIGINT', ignore);
  }
}

function findSandbox(id: string | undefined): SandboxRecord {
  const running = listSandboxes().filter(record => record.init !== undefined);
  const found = id === undefined ? running.at(-1) : running.find(record => record.id === id);
  if (found !== undefined) return found;
  const known = running.length === 0 ? 'none is running' : `running are ${running.map(record => record.id).join(', ')}`;
  throw new SandboxError('NOT_FOUND', `Cannot find ${id === undefined ? 'a sandbox' : `sandbox "${id}"`}: ${known}`);
}

function readPodRecord(sandbox: SandboxRecord, options: ExecOptions): PodRecord {
  const file = podRecordFile(sandbox.dir, options.namespace, options.pod);
  try {
    // Written by the sandbox's kubelet in a folder that only this user may write to.
    return JSON.parse(readFileSync(file, 'utf8')) as PodRecord;
  } catch (error) {
    throw new SandboxError(
      'NOT_FOUND',
      `Cannot find pod "${options.namespace}/${options.pod}": it has no network namespace in sandbox "${sandbox.id}"`,
      { cause: error },
    );
  }
}
