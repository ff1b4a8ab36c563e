/** What the tests of the pipeline need around each of them: a world of its own, and mostly a node in it. */
import { afterEach, beforeEach } from 'node:test';
import { type AttachNode, type NodeOptions, startNode } from './node.ts';
import { startWorld, type World } from './world.ts';

export interface Scene {
  readonly world: World;
  /** What is handed to it ends before the world, the newest first. */
  readonly ending: AsyncDisposableStack;
  /** Ends after the nodes and before the world. */
  readonly signal: AbortSignal;
  /** A node in the world, which ends with the test. */
  startNode(options?: Partial<NodeOptions>): Promise<AttachNode>;
}

/** Registers the hooks: before each test that is not skipped `set` gets a new scene, which ends after it. */
export function setEachScene(skip: string | false, set: (scene: Scene) => void | Promise<void>): void {
  let ending: AsyncDisposableStack;
  beforeEach(async () => {
    if (skip) return;
    ending = new AsyncDisposableStack();
    const world = ending.use(await startWorld());
    const running = new AbortController();
    ending.defer(() => running.abort());
    await set({
      world,
      ending,
      signal: running.signal,
      startNode: async options =>
        ending.use(await startNode({ server: world.cluster.server, dir: world.dir, ...options })),
    });
  });
  afterEach(async () => {
    if (!skip) await ending.disposeAsync();
  });
}
