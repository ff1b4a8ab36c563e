import { join } from 'node:path';
import type { Nesting } from '#attach';
import { type Log, systemClock } from '#base';
import { NEWEST_VERSION } from '#cni';
import type { WireRequest } from '#wire';
import { answerRequest, refusal } from './answer.ts';
import { serveCni } from './cni-server.ts';
import { endOrphans } from './end-orphans.ts';
import type { AttacherParts } from './open-attacher.ts';
import type { AgentNode } from './open-node.ts';
import type { AgentOptions } from './options.ts';
import { replaySpool } from './replay-spool.ts';

/**
 * Serves the socket that the container runtime's calls come by. When this resolves, what a former agent left half done is
 * caught up on, or told to the retries: its plugins, its entries, the DELs spooled while none ran.
 * @throws what makes the socket unusable
 */
export async function serveRuntime(
  options: AgentOptions,
  { health, journal, signal }: AgentNode,
  { attacher, retries }: AttacherParts,
  nesting: Nesting,
  stack: AsyncDisposableStack,
  log: Log,
): Promise<void> {
  const { promise: caughtUp, resolve: setCaughtUp } = Promise.withResolvers<void>();
  const server = await serveCni({
    socket: options.socket,
    // Bound before the spool is read, so that no DEL falls between; served only after, so that no ADD overtakes one.
    answer: async (request, caller) => {
      // What we run to catch up may itself call us: it must not wait for its own end.
      if (!isNested(request, nesting)) await caughtUp;
      return answerRequest(request, caller, attacher, log);
    },
    refuse: error => refusal(error, NEWEST_VERSION),
    log,
  });
  stack.defer(async () => {
    health.setStarted(false);
    server.stopAccepting();
    await attacher.stop();
    await server.close();
  });
  await endOrphans(options.socket, options.hostRoot, systemClock, log);
  await attacher.recover();
  await replaySpool({
    dir: join(options.stateDir, 'del-spool'),
    answer: request => answerRequest(request, signal, attacher, log),
    journal,
    retries,
    log,
  });
  setCaughtUp();
}

/** Whether a plugin that we run at this moment asks. */
function isNested({ env }: WireRequest, nesting: Nesting): boolean {
  const token = env['UNDERLANE_CALL'];
  return token !== undefined && nesting.find(token) !== undefined;
}
