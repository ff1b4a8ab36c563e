import {
  type ClaimOwner,
  IP_ALLOCATIONS,
  type IPAllocation,
  type IPAllocationSpec,
  NODE_LABEL,
  POD_LABEL,
  POOL_LABEL,
  type PoolReference,
} from '#api';
import { formatIp, has } from '#ip';
import { claimName, parseClaimName } from './claim-name.ts';
import type { Claim, ClaimRef, ClaimRequest, Pool } from './claim-store.ts';
import { IMPORTED_LABEL } from './imported.ts';
import { labelHash } from './label-hash.ts';

/** The object that stands for a request's owner holding one address of `pool`. */
export function toIPAllocation(
  pool: Pool,
  value: bigint,
  { owner, node, importedFrom }: Pick<ClaimRequest, 'owner' | 'node' | 'importedFrom'>,
): IPAllocation {
  const ip = { family: pool.family, value };
  const object = withLabels(claimName(pool.scope, ip), pool.scope, {
    address: `${formatIp(ip)}/${pool.prefixLength}`,
    ...(pool.gateway === undefined ? {} : { gateway: pool.gateway }),
    pool: pool.ref,
    owner,
    node,
    policy: owner.ipamClaim === undefined && owner.workload === undefined ? 'Ephemeral' : 'Sticky',
  });
  if (importedFrom === undefined) return object;
  const labels = { ...object.metadata.labels, [IMPORTED_LABEL]: importedFrom };
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** The object for a claim that is known by name and spec. */
export function withLabels(name: string, scope: string, spec: IPAllocationSpec): IPAllocation {
  return {
    apiVersion: `${IP_ALLOCATIONS.group}/${IP_ALLOCATIONS.version}`,
    kind: IP_ALLOCATIONS.kind,
    metadata: {
      name,
      labels: {
        [NODE_LABEL]: labelHash(spec.node),
        [POD_LABEL]: podLabel(spec.owner),
        [POOL_LABEL]: poolLabel(scope, spec.pool),
      },
    },
    spec,
  };
}

/**
 * Label value of a pod's claims, or of a container's where there is no pod. The same for all pods of a workload that has one
 * at a time, whatever their names.
 */
export function podLabel({ podNamespace = '', podName, containerId = '', workload }: ClaimOwner): string {
  if (workload !== undefined && workload.member === undefined) {
    return labelHash(`${podNamespace}/${workload.kind}/${workload.name}`);
  }
  return labelHash(podName === undefined ? containerId : `${podNamespace}/${podName}`);
}

/** Label value of a pool's claims. */
export function poolLabel(scope: string, ref: PoolReference): string {
  return labelHash([scope, ref.dialect, ref.kind, ref.name].join(' '));
}

/** The address that a claim of this name holds in the pool's scope; undefined when it is another scope's or family's. */
export function valueInScope(pool: Pick<Pool, 'scope' | 'family'>, name: string): bigint | undefined {
  const parsed = parseClaimName(name);
  return parsed?.scope === pool.scope && parsed.ip.family === pool.family ? parsed.ip.value : undefined;
}

/** An address less its prefix length. */
export function addressAlone(address: string): string {
  return address.split('/')[0] ?? address;
}

/** Whether a claim's address is one that the pool hands out, or has handed out and lets its holder keep. */
export function isOfPool(pool: Pool, { metadata, spec }: IPAllocation): boolean {
  const value = valueInScope(pool, metadata.name);
  if (value === undefined) return false;
  return (
    has(pool.usable, value) ||
    (has(pool.kept ?? [], value) && poolLabel(pool.scope, spec.pool) === poolLabel(pool.scope, pool.ref))
  );
}

/** What a caller gets of an object. */
export function toClaim(object: IPAllocation, pool: Pool, isNew: boolean): Claim {
  const { name, uid, resourceVersion } = object.metadata;
  return {
    name,
    uid: uid ?? '',
    ...(resourceVersion === undefined ? {} : { resourceVersion }),
    address: object.spec.address,
    ...(object.spec.gateway === undefined ? {} : { gateway: object.spec.gateway }),
    pool,
    object,
    isNew,
  };
}

/** Exactly the object that was seen. */
export function refOf(claim: IPAllocation): ClaimRef {
  const { name, uid, resourceVersion } = claim.metadata;
  return { name, uid: uid ?? '', ...(resourceVersion === undefined ? {} : { resourceVersion }) };
}
