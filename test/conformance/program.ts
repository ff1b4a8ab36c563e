import { spawn } from 'node:child_process';
import type { TestNode } from '../agent/test-node.ts';
import { REFERENCE_DIR } from '../programs/reference-plugins.ts';

export { noReference, REFERENCE_DIR } from '../programs/reference-plugins.ts';

/** A set of CNI plugins as a runtime meets it: programs that get an environment and stdin. */
export interface Programs {
  /** Runs one to its end. Of `env` an undefined variable is left out. */
  run(plugin: string, env: Environment, stdin: unknown): Promise<Outcome>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Outcome {
  readonly exitCode: number | null;
  readonly stdout: string;
  /** stdout parsed; undefined when it is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: what a plugin prints is looked at from every side by the tests
  readonly json: any;
}

/** The reference plugins, as Debian packs them. */
export const reference: Programs = {
  run: (plugin, env, stdin) => run(`${REFERENCE_DIR}/${plugin}`, { CNI_PATH: REFERENCE_DIR, ...env }, stdin),
};

/** Our own programs, with a node's agent behind them. */
export function programsOf(node: TestNode): Programs {
  const own = { CNI_PATH: `${node.dir}/bin`, UNDERLANE_SOCKET: node.socket, UNDERLANE_STATE_DIR: `${node.dir}/state` };
  return { run: (plugin, env, stdin) => run(`dist/cni/${plugin}`, { ...own, ...env }, stdin) };
}

function run(program: string, env: Environment, stdin: unknown): Promise<Outcome> {
  const given = Object.entries(env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  const child = spawn(program, [], { env: Object.fromEntries(given), stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {}); // who refuses the environment need not read on
  child.stdin.end(typeof stdin === 'string' ? stdin : JSON.stringify(stdin));
  return new Promise((resolve, reject) => {
    let stdout = '';
    child.stdout.on('data', chunk => {
      stdout += String(chunk);
    });
    child.once('error', reject);
    child.once('close', exitCode =>
      resolve({ exitCode, stdout, json: stdout.trim() === '' ? undefined : JSON.parse(stdout) }),
    );
  });
}
