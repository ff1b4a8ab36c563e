import type { Ip } from '#ip';
import type { ForeignObject } from './foreign-object.ts';

/** One address that another allocator's objects say is somebody's. */
export interface ForeignRecord {
  readonly ip: Ip;
  /** The object that says so. */
  readonly object: ForeignObject;
  /** undefined: it does not say whose. `uid` where it knows. */
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid?: string } | undefined;
  /** Interface in the pod, where it knows. */
  readonly interface: string | undefined;
  /** The node that the pod was on, where it knows. */
  readonly node?: string;
}

/** `namespace/name`; undefined for anything else. */
export function parsePodRef(
  text: string | undefined,
): { readonly namespace: string; readonly name: string } | undefined {
  const [namespace = '', name = '', ...rest] = text?.split('/') ?? [];
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name };
}
