import { type KubeObject, type Resource, VIEW_LABEL, VIEW_OF_CLAIMS } from '#api';
import type { ObjectName } from '#kube';

/** An object that another allocator keeps, and that is a view of ours once it is taken over. */
export interface ForeignObject {
  readonly resource: Resource;
  readonly name: ObjectName;
  /** What it was like when it was read. */
  readonly seen: { readonly uid: string | undefined; readonly resourceVersion: string | undefined };
  /** Metadata to be patched so that it is ours; undefined: it is already. */
  readonly takeOver: { readonly labels?: object; readonly finalizers?: readonly string[] } | undefined;
}

/** The place of an object, for reports: `IPPool kube-system/10.0.0.0-24`. */
export function describe({ resource, name }: Pick<ForeignObject, 'resource' | 'name'>): string {
  return `${resource.kind} ${name.namespace === undefined ? '' : `${name.namespace}/`}${name.name}`;
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
