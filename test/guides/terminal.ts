import assert from 'node:assert/strict';
import { loadAll } from 'js-yaml';
import type { KubeObject } from '#api';
import type { Kubectl } from '../kubectl/find-kubectls.ts';
import { runStep } from '../kubectl/run-step.ts';
import { eventually } from '../sandbox/web-cluster.ts';

/** Where somebody who follows a guide types its commands. */
export interface Terminal {
  /** What a command prints. @throws when it fails */
  kubectl(...args: readonly string[]): Promise<string>;
  /** `kubectl create -f -` in the namespace that the objects name, if any. */
  create(manifests: string): Promise<string>;
  /** The rows of the table that a command prints, once `isRight` says so. */
  table(args: readonly string[], isRight?: (rows: readonly Row[]) => boolean): Promise<readonly Row[]>;
}

/** Cells by their column's heading. */
export type Row = Readonly<Record<string, string>>;

/** @param home where kubectl keeps what it discovers */
export function openTerminal(kubectl: Kubectl, kubeconfigPath: string, home: string): Terminal {
  const run = async (
    args: readonly string[],
    input: readonly object[] = [],
    namespace = 'default',
  ): Promise<string> => {
    const session = { kubectl, kubeconfigPath, home, namespace };
    const { exitCode, stdout, stderr } = await runStep(session, { args, input });
    assert.equal(exitCode, 0, `kubectl ${args.join(' ')}: ${stderr}`);
    return stdout;
  };
  return {
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
  };
}

/** Columns are where their headings begin: cells may be empty, and headings have no two blanks in them. */
function parseTable(text: string): readonly Row[] {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const starts = [...head.matchAll(/\S+(?: \S+)*/g)].map(match => ({ name: match[0], at: match.index }));
  return lines.map(line =>
    Object.fromEntries(starts.map(({ name, at }, index) => [name, line.slice(at, starts[index + 1]?.at).trim()])),
  );
}
