import assert from 'node:assert/strict';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '#api';
import { createKubeClient, type KubeClient, loadKubeconfig } from '#kube';
import { findKubectls, type Kubectl } from '../kubectl/find-kubectls.ts';
import { runStep } from '../kubectl/run-step.ts';
import { makeTmp, removeTmp, sandboxCommand, startSandbox } from './running-sandbox.ts';
import { eventually } from './web-cluster.ts';

/** Somebody who follows a guide in a terminal, on a sandbox that holds nothing yet. */
export interface Walk {
  readonly client: KubeClient;
  /** What a command prints. @throws when it fails */
  kubectl(...args: readonly string[]): Promise<string>;
  /** `kubectl create -f -` in the namespace that the objects name, if any. */
  create(manifests: string): Promise<string>;
  /** The cells of a table that a command prints, by column, once `isRight` says so. */
  table(args: readonly string[], isRight?: (rows: readonly Row[]) => boolean): Promise<readonly Row[]>;
  /** What a command prints in a pod's network. @throws when it fails */
  inPod(pod: string, ...command: readonly string[]): Promise<string>;
  /** What a URL answers to a pod. */
  ask(pod: string, url: string): Promise<string>;
  end(): Promise<void>;
}

/** In place of curl, which not every machine has. */
const ASK = 'fetch(process.argv[1]).then(answer => answer.text()).then(text => process.stdout.write(text))';

export type Row = Readonly<Record<string, string>>;

/** A kubectl of this machine, the newest first; undefined where there is none. */
export function anyKubectl(): Kubectl | undefined {
  const { onPath, debian12 } = findKubectls();
  return onPath ?? debian12;
}

export async function startWalk(kubectl: Kubectl, ...flags: readonly string[]): Promise<Walk> {
  const tmp = makeTmp();
  const sandbox = startSandbox(tmp, '--no-examples', ...flags);
  const [, kubeconfigPath = ''] = await sandbox.until(/export KUBECONFIG=(\S+)[\s\S]*pods ready/);
  const client = createKubeClient(await loadKubeconfig(kubeconfigPath));
  const session = { kubectl, kubeconfigPath, home: tmp };
  const run = async (
    args: readonly string[],
    input: readonly object[] = [],
    namespace = 'default',
  ): Promise<string> => {
    const { exitCode, stdout, stderr } = await runStep({ ...session, namespace }, { args, input });
    assert.equal(exitCode, 0, `kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  const inPod: Walk['inPod'] = async (pod, ...command) => {
    const { status, stdout, stderr } = await sandboxCommand(tmp, 'exec', pod, '--', ...command);
    assert.equal(status, 0, stderr);
    return stdout;
  };
  return {
    client,
    kubectl: (...args) => run(args),
    create(manifests) {
      // What a guide gives is YAML of objects, and what is not fails at the server.
      const objects = loadAll(manifests) as readonly KubeObject[];
      return run(
        ['create', '-f', '-'],
        objects,
        objects.find(({ metadata }) => metadata.namespace)?.metadata.namespace,
      );
    },
    async table(args, isRight = () => true) {
      let rows: readonly Row[] = [];
      await eventually(async () => {
        rows = parseTable(await run(args));
        assert.ok(isRight(rows), JSON.stringify(rows, undefined, 2));
      });
      return rows;
    },
    inPod,
    ask: async (pod, url) => (await inPod(pod, process.execPath, '-e', ASK, url)).trim(),
    async end() {
      client.close();
      sandbox.process.kill('SIGKILL');
      await sandbox.ended;
      removeTmp(tmp);
    },
  };
}

/** Columns are where their headings begin: cells may be empty, and headings have no two blanks in them. */
export function parseTable(text: string): readonly Row[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+(?: \S+)*/g)].map(match => ({ name: match[0], at: match.index }));
  return lines.map(line =>
    Object.fromEntries(starts.map(({ name, at }, index) => [name, line.slice(at, starts[index + 1]?.at).trim()])),
  );
}
