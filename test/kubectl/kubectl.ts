import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { findKubectls } from './find-kubectls.ts';

export interface KubectlAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of a test that needs a kubectl: skipped, with the reason, where none is on PATH. */
export function skipWithoutKubectl(): { readonly skip: string | false } {
  return { skip: findKubectls().onPath === undefined ? 'kubectl is not on PATH' : false };
}

/** Runs the kubectl on PATH, with manifests on its standard input. */
export async function kubectl(kubeconfig: string, args: readonly string[], input = ''): Promise<KubectlAnswer> {
  const child = spawn('kubectl', args, {
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfig, HOME: tmpdir(), NO_PROXY: '*' },
    timeout: 60_000,
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', chunk => {
      output[name] += chunk;
    });
  }
  // A command that reads no input may be gone before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const [exitCode] = await once(child, 'close');
  return { exitCode, ...output };
}
