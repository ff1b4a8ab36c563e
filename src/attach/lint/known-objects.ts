import type { KubeObject, Resource } from '#api';
import { isOfKind } from './is-of-kind.ts';
import type { ObjectRule } from './rules/object-rule.ts';

/** What else is in the cluster, or in the files: an object is held against it. */
export interface KnownObjects {
  /** Only objects that are of their type. The one that is looked at may be among them, as it was before. */
  list<T extends KubeObject>(resource: Resource<T>): readonly T[];
}

/** Those of a list of objects that may be anything. */
export function knownObjects(objects: readonly KubeObject[], rules: readonly ObjectRule[]): KnownObjects {
  const sound = objects.filter(object => {
    const rule = rules.find(({ resource }) => isOfKind(object, resource));
    return rule === undefined || rule.isOfType(object);
  });
  return {
    list<T extends KubeObject>(resource: Resource<T>) {
      return sound.filter((object): object is T => isOfKind(object, resource));
    },
  };
}
