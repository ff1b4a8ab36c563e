import {
  JOBS,
  type KubeObject,
  type OwnerReference,
  type Pod,
  REPLICA_SETS,
  type Resource,
  VIRTUAL_MACHINE_INSTANCES,
} from '#api';
import type { PoolCatalog } from '../../pool-catalog.ts';

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

/** Follows owner references upwards. undefined for a pod of its own. @throws ApiError */
export async function topControllerOf(
  pod: KubeObject,
  catalog: Pick<PoolCatalog, 'get'>,
  signal?: AbortSignal,
): Promise<TopController | undefined> {
  const { namespace = 'default' } = pod.metadata;
  const owner = controllerOf(pod);
  if (owner === undefined) return undefined;
  const direct = toController(owner, namespace);
  const resource = BETWEEN.find(({ group, kind }) => group === direct.group && kind === direct.kind);
  const between =
    resource === undefined ? undefined : await catalog.get(resource, { namespace, name: owner.name }, signal);
  const above = between?.metadata.uid === owner.uid && between !== undefined ? controllerOf(between) : undefined;
  return above === undefined ? direct : toController(above, namespace);
}

function controllerOf({ metadata }: Pick<Pod, 'metadata'>): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

function toController({ apiVersion, kind, name, uid }: OwnerReference, namespace: string): TopController {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind, namespace, name, uid };
}
