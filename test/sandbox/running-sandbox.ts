import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const DIST = join(import.meta.dirname, '../../dist');

/** One `underlane sandbox` that a test started, with a folder of its own for everything temporary. */
export interface RunningSandbox {
  readonly process: ChildProcess;
  readonly tmp: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when stderr and stdout together hold what is looked for. @throws when the sandbox ends first */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code. */
  readonly ended: Promise<number | null>;
}

export function makeTmp(): string {
  return mkdtempSync(join(tmpdir(), 'ul-'));
}

export function removeTmp(tmp: string): void {
  rmSync(tmp, { recursive: true, force: true });
}

export function startSandbox(tmp: string, ...args: readonly string[]): RunningSandbox {
  return startProgram([join(DIST, 'bin/underlane'), 'sandbox', ...args], tmp);
}

export function startProgram([command = '', ...args]: readonly string[], tmp: string): RunningSandbox {
  const env = { ...process.env, TMPDIR: tmp };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const heard = new Set<() => void>();
  const hear = (): void => {
    for (const listener of heard) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    hear();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    hear();
  });
  const ended = once(child, 'close').then(() => {
    hear();
    return child.exitCode;
  });
  return {
    process: child,
    tmp,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    until(pattern) {
      return new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(stdout + stderr);
          const isOver = child.exitCode !== null || child.signalCode !== null;
          if (match === null && !isOver) return;
          heard.delete(look);
          if (match !== null) resolve(match);
          else reject(new Error(`The sandbox ended without ${pattern}:\n${stdout}${stderr}`));
        };
        heard.add(look);
        look();
      });
    },
  };
}

export interface CommandOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `underlane sandbox ARGS` to its end beside a running one. */
export async function sandboxCommand(tmp: string, ...args: readonly string[]): Promise<CommandOutcome> {
  const sandbox = startSandbox(tmp, ...args);
  const status = await sandbox.ended;
  return { status, stdout: sandbox.stdout(), stderr: sandbox.stderr() };
}

/** Processes, zombies aside, whose command line mentions the sandbox's folder for temporary files. */
export function processesOf(tmp: string): { readonly pid: number; readonly args: readonly string[] }[] {
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(name => ({ pid: Number(name), args: readArgs(name) }))
    .filter(({ args }) => args.some(arg => arg.includes(tmp)));
}

function readArgs(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return []; // it ended meanwhile
  }
}
