import { createLog, messageOf, systemClock } from '#base';
import type { ControllerOptions } from './options.ts';
import { type Controller, startController } from './start-controller.ts';

/** Giving up leadership takes a request or two; who is killed instead is only succeeded later. */
const STOP_LIMIT_MS = 5_000;

/**
 * `underlane controller`: runs until SIGTERM or SIGINT.
 * @returns the exit code
 */
export async function runController(options: ControllerOptions): Promise<number> {
  const log = createLog(options.logLevel);
  const ended = new Promise<NodeJS.Signals>(resolve => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  let controller: Controller;
  try {
    controller = await startController(options, log);
  } catch (error) {
    log.error({ error: messageOf(error) }, 'Cannot start the controller');
    return 1;
  }
  // Whatever the log level: supervisors and scripts wait for this line.
  process.stderr.write('ready\n');
  log.info({ signal: await ended }, 'Stopping');
  await Promise.race([controller.stop(), systemClock.sleep(STOP_LIMIT_MS)]);
  return 0;
}
