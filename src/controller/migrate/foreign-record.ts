import { type KubeObject, type Resource, VIEW_LABEL, VIEW_OF_CLAIMS } from '#api';
import type { Ip } from '#ip';
import type { KubeClient, ObjectName } from '#kube';

/** Another allocator whose addresses can be taken over. */
export type PeerName = 'spiderpool' | 'whereabouts' | 'kube-ovn';

/** One address that another allocator's objects say is somebody's. */
export interface ForeignRecord {
  readonly ip: Ip;
  /** The object that says so. */
  readonly object: ForeignObject;
  /** undefined: it does not say whose. `uid` where it knows. */
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid?: string } | undefined;
  /** Interface in the pod, where it knows. */
  readonly interface: string | undefined;
}

/** An object that another allocator keeps, and that is a view of ours once it is taken over. */
export interface ForeignObject {
  readonly resource: Resource;
  readonly name: ObjectName;
  /** What it was like when it was read. */
  readonly seen: { readonly uid: string | undefined; readonly resourceVersion: string | undefined };
  /** Metadata to be patched so that it is ours; undefined: it is already. */
  readonly takeOver: { readonly labels?: object; readonly finalizers?: readonly string[] } | undefined;
}

/** What another allocator left. */
export interface ForeignState {
  readonly records: readonly ForeignRecord[];
  /** All of its objects, those without records too. */
  readonly objects: readonly ForeignObject[];
  /** What cannot be read, in sentences: nothing is taken over while there is any. */
  readonly problems: readonly string[];
}

/** How one allocator's state is read. */
export interface Peer {
  readonly name: PeerName;
  read(client: KubeClient, signal: AbortSignal): Promise<ForeignState>;
  /** Names of programs (the last part of an image's name) that write its objects. */
  readonly images: RegExp;
}

/** The place of an object, for reports: `IPPool kube-system/10.0.0.0-24`. */
export function describe({ resource, name }: Pick<ForeignObject, 'resource' | 'name'>): string {
  return `${resource.kind} ${name.namespace === undefined ? '' : `${name.namespace}/`}${name.name}`;
}

/** All objects of a kind; none where the cluster does not know it. */
export async function listIfAny<T extends KubeObject>(
  client: KubeClient,
  resource: Resource<T>,
  signal: AbortSignal,
): Promise<readonly T[]> {
  try {
    return (await client.list(resource, {}, { signal })).items;
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'httpStatus' in error && error.httpStatus === 404;
}

/**
 * An object as what it is to be taken over from.
 * @param view whether it is to be marked as a view of the claims
 * @param finalizers by which its allocator keeps it
 */
export function toForeignObject(
  resource: Resource,
  { metadata }: KubeObject,
  { view, finalizers = [] }: { readonly view: boolean; readonly finalizers?: readonly string[] },
): ForeignObject {
  const { namespace, name, uid, resourceVersion, labels } = metadata;
  const lacksLabel = view && labels?.[VIEW_LABEL] !== VIEW_OF_CLAIMS;
  const kept = metadata.finalizers?.filter(finalizer => !finalizers.includes(finalizer)) ?? [];
  const isHeld = kept.length !== (metadata.finalizers?.length ?? 0);
  const takeOver = {
    ...(lacksLabel ? { labels: { [VIEW_LABEL]: VIEW_OF_CLAIMS } } : {}),
    ...(isHeld ? { finalizers: kept } : {}),
  };
  return {
    resource,
    name: { name, ...(namespace === undefined ? {} : { namespace }) },
    seen: { uid, resourceVersion },
    takeOver: lacksLabel || isHeld ? takeOver : undefined,
  };
}

/** `namespace/name`; undefined for anything else. */
export function parsePodRef(
  text: string | undefined,
): { readonly namespace: string; readonly name: string } | undefined {
  const [namespace = '', name = '', ...rest] = text?.split('/') ?? [];
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name };
}
