import { createLog, messageOf, systemClock } from '#base';
import type { AgentOptions } from './options.ts';
import { type Agent, startAgent } from './start-agent.ts';

/** A stopped agent must be gone within a second, whatever hangs: the journal tells the next one how far things came. */
const STOP_LIMIT_MS = 800;

/**
 * `underlane agent`: runs until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function runAgent(options: AgentOptions): Promise<number> {
  const log = createLog(options.logLevel, { node: options.nodeName });
  for (const warning of options.warnings ?? []) log.warn({}, warning);
  const ended = new Promise<NodeJS.Signals>(resolve => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  let agent: Agent | undefined;
  try {
    agent = await Promise.race([startAgent(options, log), ended.then(() => undefined)]);
  } catch (error) {
    log.error({ error: messageOf(error) }, 'Cannot start the agent');
    return 1;
  }
  if (agent === undefined) {
    // Finishing what a former one left may take long; the journal still knows it.
    log.info({}, 'Stopped before it was ready');
    return 0;
  }
  // Whatever the log level: supervisors and scripts wait for this line.
  process.stderr.write('ready\n');
  const reason = await ended;
  log.info({ signal: reason }, 'Stopping');
  const stopped = await Promise.race([
    agent.stop().then(() => true),
    systemClock.sleep(STOP_LIMIT_MS).then(() => false),
  ]);
  if (!stopped) {
    log.warn({}, 'Something is still under way; the journal knows it');
    process.exit(0);
  }
  return 0;
}
