import { agentLeaseName, LEASE_NAMESPACE } from '#api';
import { type Log, messageOf, systemClock } from '#base';
import { keepLease } from '#kube';
import type { AttacherParts } from './open-attacher.ts';
import type { AgentNode } from './open-node.ts';
import type { AgentOptions } from './options.ts';

/** As a node's own Lease. */
const LEASE_SECONDS = 40;

/**
 * Says by a Lease that this agent is alive, until it ends: only for a node of which that is not known may anybody else give
 * claims back. Beside everything else: no request waits for it.
 */
export function keepAlive(
  { nodeName, leaseNamespace, leaseSeconds = LEASE_SECONDS }: AgentOptions,
  { signal }: AgentNode,
  { cluster }: AttacherParts,
  log: Log,
): void {
  if (cluster === undefined) return;
  keepLease({
    client: cluster.api.client,
    lease: { namespace: leaseNamespace ?? LEASE_NAMESPACE, name: agentLeaseName(nodeName) },
    holder: nodeName,
    durationSeconds: leaseSeconds,
    renewMs: leaseSeconds * 250,
    clock: systemClock,
    log,
    signal,
  }).catch((error: unknown) => log.error({ error: messageOf(error) }, 'Renewing the Lease stopped'));
}
