import { describeWrongValue, type ErrorOptions, UnderlaneError } from '#base';

/** Stable codes of this room. */
export type IpamErrorCode =
  /** An `ipam` object has a wrong field. Cure: correct the field that the message names. */
  | 'BAD_CONFIG'
  /** The `ipam` type is none that Underlane implements. Cure: use one of those that the message lists. */
  | 'UNKNOWN_IPAM'
  /** No address of the range is free. Cure: enlarge the range, or remove pods; the pod is tried again by itself. */
  | 'POOL_EXHAUSTED'
  /** An address that was asked for is held by somebody else. Cure: ask for another, or remove its holder, whom the message names. */
  | 'ADDRESS_TAKEN'
  /** An address that was asked for is not one that the range hands out. Cure: ask for one inside the range. */
  | 'ADDRESS_OUTSIDE_POOL'
  /** An annotation about addresses, of a pod or its namespace, has a wrong value. Cure: correct the annotation that the message names. */
  | 'BAD_ANNOTATION'
  /** There is no pool or subnet such as the configuration or an annotation asks for. Cure: create it, or correct what the message names; the pod is tried again by itself. */
  | 'NO_POOL'
  /** The pool that an annotation names is there, but not for this pod. Cure: name another, or change what the message says that keeps the pod out. */
  | 'POOL_NOT_FOR_POD'
  /** A pool or subnet cannot be used as it is written. Cure: correct the field that the message names; the pod is tried again by itself. */
  | 'BAD_POOL'
  /** The API server does not let the program read pools, subnets or what else a network's addresses depend on. Cure: give its service account the rule that the message names, as deploy/agent.yaml and deploy/controller.yaml have it; the pod is tried again by itself. */
  | 'FORBIDDEN_KIND'
  /** A scope or network name that cannot be part of an object's name. Cure: correct the underlane.io/scope annotation. */
  | 'BAD_SCOPE'
  /** The pod refers to an IPAMClaim that does not exist, is being deleted, or is another network's. Cure: create it, or correct `ipam-claim-reference`. */
  | 'IPAM_CLAIM_UNUSABLE'
  /** A pod that still lives has the IPAMClaim's addresses. Cure: remove that pod, or give this one an IPAMClaim of its own; it is tried again by itself. */
  | 'IPAM_CLAIM_IN_USE'
  /** The release queue cannot be written, so the DEL stays open. Cure: free space on, or repair, the disk of --state-dir. */
  | 'QUEUE_WRITE'
  /** A file of the release queue does not hold what we write there. Cure: remove the file; delete its IPAllocation by hand if its pod is gone. */
  | 'BAD_QUEUE_FILE';

/** An address request that cannot be met, or a configuration that cannot be used. */
export class IpamError extends UnderlaneError {
  declare readonly code: IpamErrorCode;

  constructor(code: IpamErrorCode, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}

/** A field of an `ipam` object with the wrong value. */
export function badField(source: string, field: string, value: unknown, expected: string): IpamError {
  return new IpamError('BAD_CONFIG', describeWrongValue({ doing: `use ipam of ${source}`, field, value, expected }), {
    details: { source, field },
  });
}
