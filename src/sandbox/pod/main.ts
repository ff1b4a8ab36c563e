import { startResponder } from './responder.ts';

/** Entry of a container: `sandbox-responder HOSTNAME PORTS CONTROL_SOCKET`. Prints `listening` when it can be asked. */
export async function runResponder([hostname, ports, controlSocket]: readonly string[]): Promise<number> {
  await startResponder({
    hostname: hostname ?? '',
    ports: (ports ?? '')
      .split(',')
      .filter(text => text !== '')
      .map(Number),
    ...(controlSocket === undefined ? {} : { controlSocket }),
  });
  process.stdout.write('listening\n');
  process.once('SIGTERM', () => process.exit(0));
  return 0;
}
