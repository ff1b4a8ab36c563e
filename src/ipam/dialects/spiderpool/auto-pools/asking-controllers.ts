import type { Application, Pod, Resource } from '#api';
import { directControllerOf, type TopController } from '../top-controller.ts';
import type { AskingController } from './demand.ts';
import { podCountOf } from './wanted-count.ts';

/** Kinds that are followed, each with its objects. */
export interface KnownKind {
  readonly resource: Pick<Resource, 'group' | 'version' | 'kind'>;
  list(): readonly Application[];
}

/**
 * Everything at the top of what makes pods, with the annotations of its pods: what belongs to another controller is that
 * one's. One of a kind that is not followed is known only by what it made.
 */
export function askingControllers(kinds: readonly KnownKind[], pods: readonly Pod[]): readonly AskingController[] {
  const isFollowed = (owner: Pick<TopController, 'group' | 'kind'>): boolean =>
    kinds.some(({ resource }) => resource.group === owner.group && resource.kind === owner.kind);
  const found = new Map<string, AskingController>();
  for (const { resource, list } of kinds) {
    for (const object of list()) {
      const { metadata, spec } = object;
      const { template } = spec.jobTemplate?.spec ?? spec;
      if (template?.spec?.hostNetwork === true) continue;
      const owner = directControllerOf(object);
      if (owner !== undefined && isFollowed(owner)) continue;
      const controller = owner ?? {
        group: resource.group,
        version: resource.version,
        kind: resource.kind,
        namespace: metadata.namespace ?? '',
        name: metadata.name,
        uid: metadata.uid ?? '',
      };
      const pods = owner === undefined ? podCountOf(resource.kind, object) : undefined;
      found.set(controller.uid, { controller, annotations: annotationsOf(object), pods });
    }
  }
  for (const pod of pods) {
    const controller = directControllerOf(pod);
    if (controller === undefined || isFollowed(controller) || pod.spec.hostNetwork === true) continue;
    found.set(controller.uid, { controller, annotations: pod.metadata.annotations ?? {}, pods: undefined });
  }
  return [...found.values()];
}

/** Annotations of the pods that an object makes. */
export function annotationsOf({ spec }: Application): Readonly<Record<string, string>> {
  return (spec.jobTemplate?.spec ?? spec).template?.metadata?.annotations ?? {};
}
