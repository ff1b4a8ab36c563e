import { type ObjectMeta, type ObjectProblem, wrongField } from '#api';

const PREFIX = 'underlane.io/';

/**
 * Warnings of annotations of ours that nothing reads on such an object: mostly one that is read, with a slip in its name, so
 * that what it was written for does not happen.
 * @param read those that are read
 */
export function unknownAnnotations(
  { annotations = {} }: Pick<ObjectMeta, 'annotations'>,
  read: readonly string[],
): readonly ObjectProblem[] {
  const expected = read.length === 0 ? 'no annotation of Underlane' : `one of ${read.join(', ')}`;
  return Object.entries(annotations)
    .filter(([name]) => name.startsWith(PREFIX) && !read.includes(name))
    .map(([name, value]) => ({
      ...wrongField(['metadata', 'annotations', name], value, `${expected}: it does nothing`),
      severity: 'warning',
    }));
}
