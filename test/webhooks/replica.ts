import { listCrds, SPIDER_IP_POOLS, VALIDATING_WEBHOOK_CONFIGURATIONS } from '#api';
import { silentLog } from '#base';
import { startController, type WebhookPlace } from '#controller';
import type { KubeClient } from '#kube';
import { WEBHOOK_LOOPS } from '../../src/controller/webhooks/webhook-loops.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import { eventually, withCode } from '../api-contract/target.ts';
import { findFreePorts } from '../cluster/daemon.ts';

/** A controller that does nothing but review objects. */
export interface Replica {
  /** Of the loopback address. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Makes our CRDs, and waits until they are served. */
export async function applyCrds(client: KubeClient): Promise<void> {
  for (const crd of listCrds()) {
    await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd).catch(withCode('AlreadyExists'));
  }
  await eventually('the kinds to be served', async () => {
    try {
      return await client.list(SPIDER_IP_POOLS);
    } catch {
      return undefined;
    }
  });
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
