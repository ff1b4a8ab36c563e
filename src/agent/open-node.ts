import { dirname, join } from 'node:path';
import {
  adoptIfAny,
  type ForeignPlaces,
  type HostKernel,
  type Journal,
  MULTUS_DIR,
  openJournal,
  RUNTIME_CNI_DIR,
  takeBackIfAny,
} from '#attach';
import { createLoopShare, type Log } from '#base';
import type { Launcher } from '#cni';
import { createHostFacts } from '#facts';
import { type Health, serveHealth } from '#health';
import { openOwnNamespace } from '#netns';
import { holdLock } from './hold-lock.ts';
import type { AgentOptions } from './options.ts';
import { makePrivateDir } from './private-socket.ts';

/** What an agent has of its node. */
export interface AgentNode {
  /** Starts third-party plugins, where the agent has not the node's root for its own. */
  readonly launcher: Launcher | undefined;
  readonly health: Health;
  readonly host: HostKernel;
  readonly journal: Journal;
  /** Where others have recorded what they attached. */
  readonly foreign: ForeignPlaces;
  /** Aborted when the agent ends. */
  readonly signal: AbortSignal;
}

/**
 * Opens, in this order: locks on state and socket, the node's root, health checks, kernel facts, the journal with what
 * Multus has attached. The stack closes it all.
 * @throws AgentError when another agent has the state directory or the socket, or they cannot be used
 */
export async function openNode(options: AgentOptions, stack: AsyncDisposableStack, log: Log): Promise<AgentNode> {
  makePrivateDir(options.stateDir, `state "${options.stateDir}"`);
  makePrivateDir(dirname(options.socket), `socket "${options.socket}"`);
  // First of all: what follows takes the socket over and finishes what the journal says is half done.
  stack.use(holdLock(join(options.stateDir, 'lock'), `state directory "${options.stateDir}"`));
  stack.use(holdLock(`${options.socket}.lock`, `socket "${options.socket}"`));
  const launcher = options.hostRoot === undefined ? undefined : await enterHostRoot(options.hostRoot, log);
  const health = await serveHealth([
    join(dirname(options.socket), 'health.sock'),
    ...(options.healthAddress === undefined ? [] : [options.healthAddress]),
  ]);
  stack.defer(() => health.close());
  const ns = stack.use(openOwnNamespace());
  const ending = new AbortController();
  const { signal } = ending;
  stack.defer(() => ending.abort());
  const facts = await createHostFacts({ signal, log });
  const host = { ns, facts, removals: new Set<Promise<void>>(), loop: createLoopShare() };
  const journal = openJournal(join(options.stateDir, 'journal'), log);
  const runtimeDir = options.cniCacheDir ?? RUNTIME_CNI_DIR;
  const foreign = { multusDir: options.multusCniDir ?? MULTUS_DIR, runtimeDir };
  await takeBackIfAny(options.stateDir, foreign, journal, log);
  await adoptIfAny(foreign, journal, log);
  return { launcher, health, host, journal, foreign, signal };
}

/** Loads what it takes: most agents have the node's root for their own. */
async function enterHostRoot(root: string, log: Log): Promise<Launcher> {
  const { openHostRoot } = await import('./host-root.ts');
  return openHostRoot(root, log);
}
