import type { KubeObject, ObjectMeta } from '#api';
import { isOurs, VIEW_LABELS } from './ours.ts';
import type { Seen, ViewChange, ViewPatch } from './view.ts';

/** An object that is there only as a view, as it is to be. */
export interface MadeObject<T extends KubeObject> {
  /** The whole object. @param metadata names it, and marks it as ours */
  create(metadata: ObjectMeta): T;
  /** What is missing in one that is there; undefined for nothing. */
  patch(object: T): ViewPatch | undefined;
}

/** What is missing for an object to be so. @param made undefined where there is nothing to show: then it is to go */
export function compareMade<T extends KubeObject>(
  { name, object }: Pick<Seen<T>, 'name' | 'object'>,
  made: MadeObject<T> | undefined,
): ViewChange<T> {
  if (object !== undefined && !isOurs(object)) return { kind: 'foreign' };
  if (made === undefined) return { kind: object === undefined ? 'none' : 'delete' };
  if (object === undefined) return { kind: 'create', object: made.create({ ...name, labels: VIEW_LABELS }) };
  const body = made.patch(object);
  return body === undefined ? { kind: 'none' } : { kind: 'patch', body };
}
