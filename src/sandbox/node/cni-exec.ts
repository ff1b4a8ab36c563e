import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SandboxError } from '../errors.ts';

export type CniCommand = 'ADD' | 'DEL';

/** One execution of one plugin, with what goes into its environment. */
export interface CniExecution {
  readonly command: CniCommand;
  readonly type: string;
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
  readonly args: string;
  readonly path: readonly string[];
  /** Inherited by the plugin besides CNI_*. */
  readonly env: Readonly<Record<string, string>>;
  /** Goes to stdin as JSON. */
  readonly config: unknown;
}

/**
 * Runs a plugin as the CNI spec says: parameters in the environment, configuration on stdin, result on stdout.
 * See https://www.cni.dev/docs/spec/#section-2-execution-protocol
 *
 * @throws SandboxError CNI_FAILED with the plugin's own message, as container runtimes show it
 */
export function execCniPlugin(execution: CniExecution): Promise<unknown> {
  const { command, type } = execution;
  const file = findPluginFile(type, execution.path);
  const fail = (why: string, details: Readonly<Record<string, unknown>> = {}): SandboxError =>
    new SandboxError('CNI_FAILED', `plugin type="${type}" failed (${command.toLowerCase()}): ${why}`, { details });
  return new Promise((resolve, reject) => {
    const child = spawn(file, [], { stdio: 'pipe', env: cniEnvironment(execution) });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', error => reject(fail(error.message)));
    child.on('close', (code, signal) => {
      const answer = parseAnswer(stdout);
      if (code === 0)
        return command === 'ADD' && answer === undefined ? reject(fail(`no result in "${stdout}"`)) : resolve(answer);
      const { msg, details, code: cniCode } = errorFields(answer);
      const why =
        msg === undefined
          ? `${signal ?? `exit code ${code}`}: ${stderr.trim() || stdout.trim()}`
          : [msg, details].filter(Boolean).join('; ');
      reject(fail(why, { cniCode }));
    });
    // A plugin may answer without reading its configuration.
    child.stdin.on('error', () => undefined);
    child.stdin.end(JSON.stringify(execution.config));
  });
}

function cniEnvironment(execution: CniExecution): Record<string, string> {
  return {
    ...execution.env,
    CNI_COMMAND: execution.command,
    CNI_CONTAINERID: execution.containerId,
    CNI_NETNS: execution.netns,
    CNI_IFNAME: execution.ifname,
    CNI_ARGS: execution.args,
    CNI_PATH: execution.path.join(':'),
  };
}

function findPluginFile(type: string, path: readonly string[]): string {
  for (const folder of path) {
    const file = join(folder, type);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder: the next one may have it.
    }
  }
  throw new SandboxError('CNI_FAILED', `failed to find plugin "${type}" in path [${path.join(' ')}]`);
}

function parseAnswer(stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return undefined;
  }
}

function errorFields(answer: unknown): { msg?: string; details?: string; code?: number } {
  if (typeof answer !== 'object' || answer === null) return {};
  const { msg, details, code } = answer as Readonly<Record<string, unknown>>; // any JSON object
  return {
    ...(typeof msg === 'string' ? { msg } : {}),
    ...(typeof details === 'string' ? { details } : {}),
    ...(typeof code === 'number' ? { code } : {}),
  };
}
