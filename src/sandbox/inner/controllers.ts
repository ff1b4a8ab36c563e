import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '#base';
import { startSupervised } from '../supervised-program.ts';

/** As a Deployment would run them: one leads, the other waits for its end. */
const REPLICAS = ['controller-1', 'controller-2'];

/** Nobody else is in the API server's namespace. */
const FIRST_WEBHOOK_PORT = 9443;

export interface ControllersOptions {
  readonly kubeconfig: string;
  /** See `SandboxOptions`. */
  readonly clusterNetwork: string | undefined;
  readonly stateDir: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs the cluster's controllers beside its API server. Resolves when each is ready for the first time. */
export async function startControllers({
  kubeconfig,
  clusterNetwork,
  stateDir,
  log,
  signal,
}: ControllersOptions): Promise<void> {
  const dir = join(stateDir, 'controllers');
  await mkdir(dir, { recursive: true });
  await Promise.all(
    REPLICAS.map((name, index) =>
      startSupervised({
        title: name,
        command: 'controller',
        flags: {
          '--kubeconfig': kubeconfig,
          '--log-level': 'info',
          ...webhookFlags(index),
          ...(clusterNetwork === undefined ? {} : { '--cluster-network': `kube-system/${clusterNetwork}` }),
        },
        logFile: join(dir, `${name}.log`),
        log,
        signal,
      }),
    ),
  );
}

/** Outside of all nodes no Service is reached, so the API server asks the replica that leads. */
function webhookFlags(replica: number): Readonly<Record<string, string>> {
  const address = `127.0.0.1:${FIRST_WEBHOOK_PORT + replica}`;
  return { '--webhook-url': `https://${address}`, '--webhook-address': address };
}
