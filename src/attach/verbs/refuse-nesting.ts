import type { CniRequest } from '#cni';
import { PIPELINE_NAMES } from '#networks';
import { AttachError } from '../errors.ts';
import { entryId } from '../journal/entry.ts';
import type { Journal } from '../journal/journal.ts';
import type { ParentCall } from '../nesting.ts';
import { keyOf } from './request-keys.ts';

/**
 * Refuses a nested call that would wait for itself, or whose parent is over.
 * @param parent undefined: the call that the token belongs to is over
 * @throws AttachError NESTING
 */
export function refuseNesting(request: CniRequest, parent: ParentCall | undefined, journal: Journal): void {
  // A DEL is right at any time: one whose parent is over may come from the spool, and must not be refused for ever.
  if (parent === undefined && request.command !== 'DEL') {
    throw new AttachError('NESTING', 'Cannot run a nested call: the call that it belongs to (UNDERLANE_CALL) is over');
  }
  const id = entryId(keyOf(request));
  if (PIPELINE_NAMES.has(request.plugin) || (parent !== undefined && isWithin(id, parent.entryId, journal))) {
    throw new AttachError(
      'NESTING',
      `Cannot run "${request.plugin}" from inside a plugin that we run for the same container: it would wait for itself`,
    );
  }
}

/** Whether an entry is the other one, or one that the other one works for. */
function isWithin(id: string, inner: string, journal: Journal): boolean {
  const parents = new Map(journal.list().map(entry => [entryId(entry.key), entry.parent]));
  for (let current: string | undefined = inner; current !== undefined; current = parents.get(current)) {
    if (current === id) return true;
  }
  return false;
}
