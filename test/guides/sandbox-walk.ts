import assert from 'node:assert/strict';
import type { Kubectl } from '../kubectl/find-kubectls.ts';
import { makeTmp, removeTmp, sandboxCommand, startSandbox } from '../sandbox/running-sandbox.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** Somebody who follows a guide on a sandbox that holds nothing yet. */
export interface Walk extends Terminal {
  /** What a command prints in a pod's network. @throws when it fails */
  inPod(pod: string, ...command: readonly string[]): Promise<string>;
  /** What a URL answers to a pod. */
  ask(pod: string, url: string): Promise<string>;
  end(): Promise<void>;
}

/** In place of curl, which not every machine has. */
const ASK = 'fetch(process.argv[1]).then(answer => answer.text()).then(text => process.stdout.write(text))';

export async function startWalk(kubectl: Kubectl, ...flags: readonly string[]): Promise<Walk> {
  const tmp = makeTmp();
  const sandbox = startSandbox(tmp, '--no-examples', ...flags);
  const [, kubeconfig = ''] = await sandbox.until(/export KUBECONFIG=(\S+)[\s\S]*pods ready/);
  const inPod: Walk['inPod'] = async (pod, ...command) => {
    const { status, stdout, stderr } = await sandboxCommand(tmp, 'exec', pod, '--', ...command);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  return {
    ...openTerminal(kubectl, kubeconfig, tmp),
    inPod,
    ask: async (pod, url) => (await inPod(pod, process.execPath, '-e', ASK, url)).trim(),
    async end() {
      sandbox.process.kill('SIGKILL');
      await sandbox.ended;
      removeTmp(tmp);
    },
  };
}
