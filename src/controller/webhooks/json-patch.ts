import { isDeepStrictEqual } from 'node:util';
import { isJsonObject } from '#base';

/** One step of a JSON Patch (RFC 6902). */
export interface PatchStep {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** What makes `after` of `before`, field by field; a list is replaced as a whole. Both are JSON. Pure. */
export function toJsonPatch(before: unknown, after: unknown, path = ''): readonly PatchStep[] {
  if (isJsonObject(before) && isJsonObject(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap(key => {
      const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      // A field that is undefined is none in JSON.
      const [from, to] = [before[key], after[key]];
      if (to === undefined) return from === undefined ? [] : [{ op: 'remove', path: at } as const];
      return from === undefined ? [{ op: 'add', path: at, value: to } as const] : toJsonPatch(from, to, at);
    });
  }
  return isDeepStrictEqual(before, after) ? [] : [{ op: 'replace', path, value: after }];
}
