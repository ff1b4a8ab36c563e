import { VALIDATING_WEBHOOK_CONFIGURATIONS } from '#api';
import { silentLog } from '#base';
import { startController, type WebhookPlace } from '#controller';
import type { KubeClient } from '#kube';
import { WEBHOOK_LOOPS } from '../../src/controller/webhooks/webhook-loops.ts';
import { eventually } from '../api-contract/target.ts';
import { findFreePorts } from '../cluster/daemon.ts';

/** A controller that does nothing but review objects. */
export interface Replica {
  /** Of the loopback address. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a replica that API servers reach on the loopback address, unless it is told otherwise. */
export async function startReplica(kubeconfig: string, elsewhere?: WebhookPlace): Promise<Replica> {
  const [port = 0] = await findFreePorts(1);
  const place = elsewhere ?? { url: `https://127.0.0.1:${port}` };
  const controller = await startController(
    { kubeconfig, logLevel: 'silent', leaseSeconds: 2, webhooks: { host: '127.0.0.1', port, place } },
    silentLog,
    WEBHOOK_LOOPS,
  );
  return { port, stop: () => controller.stop() };
}

/** Waits until API servers have been told to ask a replica. */
export async function untilAnnounced({ port }: Replica, client: KubeClient): Promise<void> {
  const url = `https://127.0.0.1:${port}/`;
  await eventually('the webhooks to be announced', async () => {
    const { items } = await client.list(VALIDATING_WEBHOOK_CONFIGURATIONS);
    return items.find(({ webhooks = [] }) => webhooks.some(({ clientConfig }) => clientConfig.url?.startsWith(url)));
  });
}
