import { JOBS, type KubeObject, REPLICA_SETS, type Resource, VIRTUAL_MACHINE_INSTANCES } from '#api';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';

/** What a pod belongs to in the end: its Deployment and not the ReplicaSet between them. */
export interface TopController {
  /** `apps`; empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** Kinds that may themselves belong to another. */
const BETWEEN: readonly Resource[] = [REPLICA_SETS, JOBS, VIRTUAL_MACHINE_INSTANCES];

/** The controller that an object belongs to. */
export function directControllerOf({ metadata }: KubeObject): TopController | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  const [version = '', group = ''] = owner.apiVersion.split('/').reverse();
  const { kind, name, uid } = owner;
  return { group, version, kind, namespace: metadata.namespace ?? 'default', name, uid };
}

/** Follows owner references upwards. undefined for a pod of its own. @throws ApiError */
export async function topControllerOf(
  pod: KubeObject,
  catalog: Pick<PoolCatalog, 'get'>,
  signal?: AbortSignal,
): Promise<TopController | undefined> {
  const direct = directControllerOf(pod);
  if (direct === undefined) return undefined;
  const { group, kind, namespace, name, uid } = direct;
  const resource = BETWEEN.find(one => one.group === group && one.kind === kind);
  const between = resource === undefined ? undefined : await catalog.get(resource, { namespace, name }, signal);
  return (between?.metadata.uid === uid ? directControllerOf(between) : undefined) ?? direct;
}

/** The same, asked once for all pods of a controller that come within a moment. @throws ApiError */
export function knownTopController(
  pod: KubeObject,
  catalog: Pick<PoolCatalog, 'get' | 'remember'>,
): Promise<TopController | undefined> {
  const { uid } = directControllerOf(pod) ?? {};
  return uid === undefined
    ? Promise.resolve(undefined)
    : catalog.remember(`top of ${uid}`, () => topControllerOf(pod, catalog));
}
