import { type Log, systemClock } from '#base';
import type { AttacherParts } from './open-attacher.ts';
import type { AgentNode } from './open-node.ts';
import type { AgentOptions } from './options.ts';

/** Keeps program and configuration on the node until the agent ends, when the agent is asked to. They stay there. */
export async function keepOnNode(
  { installation, nodeName }: AgentOptions,
  { health: { registry }, signal }: AgentNode,
  { cluster }: AttacherParts,
  stack: AsyncDisposableStack,
  log: Log,
): Promise<void> {
  if (installation === undefined) return;
  const clock = systemClock;
  const installing = new AbortController();
  const { stayInstalled } = await import('./stay-installed.ts');
  const { done } = stayInstalled({
    ...{ installation, nodeName, registry, clock, log },
    events: cluster?.api.events,
    signal: AbortSignal.any([signal, installing.signal]),
  });
  stack.defer(async () => {
    installing.abort();
    await done;
  });
}
