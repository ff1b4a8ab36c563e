import { spawn } from 'node:child_process';
import { SandboxError } from './errors.ts';

export interface CommandOptions {
  /** Written to the command's stdin. */
  readonly stdin?: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Runs a program to its end and resolves with its stdout.
 *
 * @throws SandboxError COMMAND_FAILED with the program's stderr
 */
export function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'pipe', ...(options.env === undefined ? {} : { env: options.env }) });
    let stdout = '';
    let stderr = '';
    const fail = (why: string): void => {
      const line = [command, ...args].join(' ');
      reject(new SandboxError('COMMAND_FAILED', `Cannot run "${line}": ${why}`));
    };
    child.on('error', error => fail(error.message));
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (code, signal) => {
      if (code === 0) resolve(stdout);
      else fail(`${signal ?? `exit code ${code}`}: ${stderr.trim() || stdout.trim()}`);
    });
    // A program that ends without reading its input is judged by its exit code, not by the broken pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}
