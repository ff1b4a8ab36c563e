import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface ChildOptions {
  readonly command: readonly string[];
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this the child and its namespaces are killed. */
  readonly timeoutMs: number;
  /** Each line that the child writes to descriptor 3. */
  readonly onLine?: (line: string) => void;
}

export interface ChildOutcome {
  /** undefined when all went well, else one sentence. */
  readonly problem: string | undefined;
  /** stdout and stderr together, as they came. */
  readonly output: string;
}

/** Runs a program to its end. It dies with us, and with its time. */
export async function runChild({ command, env, timeoutMs, onLine }: ChildOptions): Promise<ChildOutcome> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...command], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: { ...cleanEnvironment(), NODE_COMPILE_CACHE: resolve('.stamps/compile-cache'), ...env },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  child.stdout?.on('data', chunk => chunks.push(chunk));
  child.stderr?.on('data', chunk => chunks.push(chunk));
  const lines = child.stdio[3];
  if (lines instanceof Object && 'read' in lines) createInterface({ input: lines }).on('line', line => onLine?.(line));
  const startedAt = Date.now();
  const problem = await new Promise<string | undefined>(resolve => {
    child.on('error', error => resolve(error.message));
    child.on('close', (code, signal) =>
      resolve(describeEnd(code, signal, Date.now() - startedAt >= timeoutMs ? timeoutMs : undefined)),
    );
  });
  return { problem, output: Buffer.concat(chunks).toString() };
}

function describeEnd(code: number | null, signal: string | null, timeoutMs: number | undefined): string | undefined {
  if (code === 0) return undefined;
  if (timeoutMs !== undefined) return `took longer than ${timeoutMs / 1000} s and was killed`;
  return signal === null ? `exit code ${code}` : `killed by ${signal}`;
}

/** Without what a test run around this one would make a nested `node --test` believe. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _context, NODE_OPTIONS: _options, ...env } = process.env;
  return env;
}
