import { join } from 'node:path';
import { type Log, systemClock } from '#base';
import { flagBarePods } from './flag-bare-pods.ts';
import { followNetworks } from './hot-plug.ts';
import { countBarePods } from './metrics.ts';
import type { AttacherParts } from './open-attacher.ts';
import type { AgentNode } from './open-node.ts';
import type { AgentOptions } from './options.ts';

/** Changes running pods' interfaces: as their annotations say, and as callers of Multus' socket do. */
export async function changeRunningPods(
  options: AgentOptions,
  node: AgentNode,
  parts: AttacherParts,
  stack: AsyncDisposableStack,
  log: Log,
): Promise<void> {
  // Whoever asks for Multus' socket has a controller that follows the annotations.
  if (options.hotPlug ?? options.multusSocketDir === undefined) followAnnotations(parts, stack, log);
  if (options.multusSocketDir !== undefined) {
    await openMultusSocket(options.multusSocketDir, options, node, parts, stack, log);
  }
}

function followAnnotations(
  { attacher, cluster, retries, onOwnerIdle }: AttacherParts,
  stack: AsyncDisposableStack,
  log: Log,
): void {
  if (cluster === undefined) return;
  const { pods, nads } = cluster.api;
  const plug = followNetworks({ pods, attacher, retries, log });
  onOwnerIdle(plug.look);
  stack.defer(() => plug.stop());
  // What an annotation asks for may have come.
  nads.subscribe(change => {
    if (change.type === 'put' && change.previous === undefined) retries.wake();
  });
}

async function openMultusSocket(
  dir: string,
  { cniBinDirs, hotPlug }: AgentOptions,
  { health, signal }: AgentNode,
  { attacher }: AttacherParts,
  stack: AsyncDisposableStack,
  log: Log,
): Promise<void> {
  const { serveMultus } = await import('./multus/multus-server.ts');
  const multus = await serveMultus({
    socket: join(dir, 'multus.sock'),
    attacher,
    isReady: () => !signal.aborted,
    binDirs: cniBinDirs,
    registry: health.registry,
    log,
  });
  stack.defer(() => multus.close());
  if (hotPlug === undefined) log.info({}, "Following no annotations: who calls Multus' socket does");
}

/** Says and counts which pods run without their networks. */
export function watchBarePods({ health, journal, signal }: AgentNode, { cluster }: AttacherParts, log: Log): void {
  if (cluster === undefined) return;
  const { events, pods } = cluster.api;
  countBarePods(health.registry, flagBarePods({ pods, events, journal, clock: systemClock, log, signal }));
}
