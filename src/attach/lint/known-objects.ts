import type { KubeObject, Resource } from '#api';
import { isOfKind } from './is-of-kind.ts';
import { OBJECT_RULES } from './object-rules.ts';

/** What else is in the cluster, or in the files: an object is held against it. */
export interface KnownObjects {
  /** Only objects that are of their type. The one that is looked at may be among them, as it was before. */
  list<T extends KubeObject>(resource: Resource<T>): readonly T[];
}

/** Those of a list of objects that may be anything. */
export function knownObjects(objects: readonly KubeObject[]): KnownObjects {
  return {
    list<T extends KubeObject>(resource: Resource<T>) {
      const rule = OBJECT_RULES.find(
        ({ resource: { kind, group } }) => kind === resource.kind && group === resource.group,
      );
      return objects.filter((object): object is T => {
        return isOfKind(object, resource) && (rule === undefined || rule.isOfType(object));
      });
    },
  };
}
