import { LEASES, type Lease } from '#api';
import { type Clock, codeOf, type Log, messageOf } from '#base';
import { backoffMs } from './backoff.ts';
import type { KubeClient, ObjectName } from './client.ts';
import { isApiError } from './errors.ts';
import { toMicroTime } from './micro-time.ts';

export interface LeaseKeeperOptions {
  readonly client: KubeClient;
  /** Nobody else writes this Lease. */
  readonly lease: ObjectName;
  readonly holder: string;
  /** How long the holder counts as alive after it was last heard of. */
  readonly durationSeconds: number;
  readonly renewMs: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Says again and again that the holder is alive, until the signal aborts. The Lease then stays as it is: that its holder is
 * gone shows in its age. One that somebody deletes is made again.
 */
export async function keepLease(options: LeaseKeeperOptions): Promise<void> {
  const { clock, log, signal, renewMs, lease } = options;
  for (let failures = 0; !signal.aborted; ) {
    try {
      await renew(options);
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures++;
      log.warn({ lease: lease.name, code: codeOf(error), err: messageOf(error) }, 'Cannot renew a Lease');
    }
    const pauseMs = failures === 0 ? renewMs : Math.min(renewMs, backoffMs(failures));
    await clock.sleep(pauseMs, signal).catch(() => undefined); // rejects only on abort, which ends the loop
  }
}

/** One request, unless there is no such Lease yet. No precondition: of two who say "alive" both are right. */
async function renew({ client, lease, holder, durationSeconds, clock, signal }: LeaseKeeperOptions): Promise<void> {
  const renewTime = toMicroTime(clock.now());
  const spec = { holderIdentity: holder, leaseDurationSeconds: durationSeconds, renewTime };
  try {
    await client.mergePatch(LEASES, lease, { spec }, { signal });
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
    const created: Lease = { metadata: { ...lease }, spec: { ...spec, acquireTime: renewTime } };
    await client.create(LEASES, created, { signal });
  }
}
