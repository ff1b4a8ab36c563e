import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dump } from 'js-yaml';
import type { Kubectl } from './find-kubectls.ts';
import type { Step } from './step.ts';

export interface Session {
  readonly kubectl: Kubectl;
  readonly kubeconfigPath: string;
  readonly namespace: string;
  /** Where kubectl keeps what it discovered. */
  readonly home: string;
}

export interface StepOutcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command as a user would. One that does not end within a minute is killed. */
export async function runStep(session: Session, step: Step): Promise<StepOutcome> {
  const { kubectl, kubeconfigPath, namespace, home } = session;
  const child = spawn(kubectl.path, ['-n', namespace, ...step.args], {
    env: { PATH: process.env['PATH'], KUBECONFIG: kubeconfigPath, HOME: home, NO_PROXY: '*' },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', chunk => {
      output[name] += chunk;
    });
  // A command that reads no input may be gone before it is written.
  child.stdin.on('error', () => {});
  child.stdin.end((step.input ?? []).map(object => dump(object)).join('---\n'));
  const [exitCode] = await once(child, 'close');
  return { exitCode: exitCode ?? -1, ...output };
}
