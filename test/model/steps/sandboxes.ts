import type { Node } from '../node/node.ts';
import type { Sandbox } from '../node/sandboxes.ts';
import type { World } from '../world.ts';
import { isRunning } from './pods.ts';
import { anyOf, type Weighted } from './possible.ts';

/** Runtimes call once too often, too late, or give up. */
export const sandboxSteps: readonly Weighted[] = [
  [5, moreSandboxes],
  [4, lessSandboxes],
  [2, hangUp],
];

/** A second sandbox beside the first, or its ADD once more. */
function moreSandboxes(world: World): void {
  const { node, sandbox } = anySandbox(['up'], world);
  if (node === undefined || sandbox === undefined) return;
  const pod = world.objects.podOf(sandbox.pod.uid);
  if (world.choices.draw(2) === 0 && pod !== undefined && isRunning(pod)) node.sandboxes.run(sandbox.pod);
  else node.sandboxes.repeat(sandbox);
}

function lessSandboxes(world: World): void {
  const { node, sandbox } = anySandbox(['adding', 'up', 'failed', 'gone'], world);
  if (sandbox !== undefined) node?.sandboxes.end(sandbox);
}

function hangUp(world: World): void {
  const { node, sandbox } = anySandbox(['adding'], world);
  if (sandbox !== undefined) node?.sandboxes.hangUp(sandbox);
}

function anySandbox(
  states: readonly Sandbox['state'][],
  world: World,
): { readonly node?: Node; readonly sandbox?: Sandbox } {
  const all = world.nodes.flatMap(node =>
    node.sandboxes.list.filter(({ state }) => states.includes(state)).map(sandbox => ({ node, sandbox })),
  );
  return anyOf(all, world) ?? {};
}
