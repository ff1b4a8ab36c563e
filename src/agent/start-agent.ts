import { createNesting } from '#attach';
import type { Log } from '#base';
import { changeRunningPods, watchBarePods } from './follow-pods.ts';
import { keepAlive } from './keep-alive.ts';
import { keepOnNode } from './keep-on-node.ts';
import { openAttacher } from './open-attacher.ts';
import { openNode } from './open-node.ts';
import type { AgentOptions } from './options.ts';
import { serveRuntime } from './serve-runtime.ts';

/** A running agent. */
export interface Agent {
  /** Stops taking requests, aborts and undoes what is under way, closes everything. */
  stop(): Promise<void>;
}

/**
 * Starts the node's agent. When this resolves, requests are served; the API server may still be away then.
 * In order: kernel facts, the journal with what Multus has attached, API caches, the socket, what a former agent left half
 * done, DELs spooled while none ran, running pods, the installation. What of that cannot be done now is tried again until
 * it is.
 * @throws what makes serving impossible: state directory, socket, kubeconfig
 */
export async function startAgent(options: AgentOptions, log: Log): Promise<Agent> {
  // Closed in reverse order: by stop(), or when the start fails.
  await using stack = new AsyncDisposableStack();
  const node = await openNode(options, stack, log);
  const nesting = createNesting();
  const parts = await openAttacher(options, node, nesting, stack, log);
  keepAlive(options, node, parts, log);
  await serveRuntime(options, node, parts, nesting, stack, log);
  await changeRunningPods(options, node, parts, stack, log);
  node.health.setStarted(true);
  watchBarePods(node, parts, log);
  log.info({ socket: options.socket }, 'Serving');
  // Last: from here on the runtime sends pods to us.
  await keepOnNode(options, node, parts, stack, log);
  const running = stack.move();
  return { stop: () => running.disposeAsync() };
}
