import { SPIDER_IP_POOLS, type SpiderIPPool } from '#api';
import type { AutoPoolAction, TopController } from '#ipam';
import type { ControllerDeps } from '../deps.ts';
import type { WrittenPools } from './written-pools.ts';

/**
 * Does one thing, to the very version of the pool that it was decided on, and tells the workload.
 * @throws ApiError `Conflict` or `AlreadyExists` where somebody else was faster
 */
export async function carryOut(
  action: AutoPoolAction,
  { client, events }: Pick<ControllerDeps, 'client' | 'events'>,
  written: WrittenPools,
  signal: AbortSignal,
): Promise<void> {
  const { name, uid, resourceVersion } = action.pool.metadata;
  if (action.kind === 'delete') {
    const preconditions = {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    await client.delete(SPIDER_IP_POOLS, { name }, { signal, preconditions });
    events.record(
      { kind: SPIDER_IP_POOLS.kind, name, ...(uid === undefined ? {} : { uid }) },
      'Normal',
      'DeleteIPPool',
      `Deleted IPPool ${name}: nobody asks for it`,
    );
    return;
  }
  const { controller } = action.demand;
  if (action.kind === 'create') {
    const pool = await client.create(SPIDER_IP_POOLS, action.pool, { signal });
    written.noteWritten(pool);
    tell(events, controller, `Created IPPool ${name} with ${rangesOf(pool)}`);
    return;
  }
  const { patch } = action;
  const body = { ...patch, metadata: { ...patch.metadata, uid, resourceVersion } };
  const pool = await client.mergePatch(SPIDER_IP_POOLS, { name }, body, { signal });
  written.noteWritten(pool);
  if (patch.spec !== undefined) tell(events, controller, `Scaled IPPool ${name} to ${rangesOf(pool)}`);
}

function tell(events: ControllerDeps['events'], { kind, namespace, name, uid }: TopController, message: string): void {
  events.record({ kind, namespace, name, uid }, 'Normal', 'ScaleIPPool', message);
}

function rangesOf({ spec: { ips = [] } }: SpiderIPPool): string {
  return ips.length === 0 ? 'no addresses' : ips.join(', ');
}
