import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Done, Task } from './tasks.ts';

/** A process that takes addresses; see taker.ts. */
export interface Taker extends AsyncDisposable {
  run(task: Task): Promise<Done>;
}

/** Starts one that works for a node, and sees its claims, or all. */
export async function startTaker(kubeconfig: string, node: string, sees: 'node' | 'cluster'): Promise<Taker> {
  const child = fork(join(import.meta.dirname, 'taker.ts'), [kubeconfig, node, sees], { execArgv: ['--expose-gc'] });
  await heard(child);
  return {
    async run(task) {
      const answer = heard(child);
      child.send(task);
      // taker.ts says it.
      return (await answer) as Done;
    },
    async [Symbol.asyncDispose]() {
      const exited = once(child, 'exit');
      if (!child.kill('SIGKILL')) return;
      await exited;
    },
  };
}

async function heard(child: ChildProcess): Promise<unknown> {
  const ending = new AbortController();
  const { signal } = ending;
  try {
    const [message] = await Promise.race([
      once(child, 'message', { signal }),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`A process that takes addresses ended with ${code}`);
      }),
    ]);
    return message;
  } finally {
    ending.abort();
  }
}

/** Agents of as many nodes. */
export async function startTakers(
  kubeconfig: string,
  count: number,
): Promise<AsyncDisposable & { readonly all: readonly Taker[] }> {
  await using stack = new AsyncDisposableStack();
  const all: Taker[] = [];
  for (let index = 0; index < count; index++) {
    all.push(stack.use(await startTaker(kubeconfig, `n${index}`, 'node')));
  }
  const started = stack.move();
  return { all, [Symbol.asyncDispose]: () => started.disposeAsync() };
}
