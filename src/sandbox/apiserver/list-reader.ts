import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import type { ObjectStore } from './object-store.ts';
import { parseSelectors } from './selector.ts';
import type { ServedResource } from './served-resource.ts';
import { storageOf } from './served-resource.ts';
import { badRequest, expired } from './status-error.ts';

/** Continue tokens that are honoured at once; older ones get 410, as after etcd's compaction. */
const SNAPSHOT_LIMIT = 64;

export interface ListPage {
  readonly objects: readonly ApiObject[];
  readonly metadata: JsonObject;
}

/** Lists with selectors and pages; all pages of one list show the state of its first. */
export interface ListReader {
  read(resource: ServedResource, namespace: string | undefined, query: URLSearchParams): ListPage;
}

interface Snapshot {
  readonly version: number;
  readonly objects: readonly ApiObject[];
}

export function createListReader(store: ObjectStore): ListReader {
  const snapshots = new Map<string, Snapshot>();

  function keep(snapshot: Snapshot): string {
    const id = crypto.randomUUID();
    snapshots.set(id, snapshot);
    const [oldest] = snapshots.keys();
    if (snapshots.size > SNAPSHOT_LIMIT && oldest !== undefined) snapshots.delete(oldest);
    return id;
  }

  return {
    read(resource, namespace, query) {
      const token = query.get('continue') ?? '';
      const limit = parseLimit(query.get('limit'));
      const [id, from] = token === '' ? [undefined, 0] : parseToken(token);
      let snapshot = id === undefined ? undefined : snapshots.get(id);
      if (snapshot === undefined) {
        if (id !== undefined)
          throw expired(
            'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
          );
        const isWanted = parseSelectors(resource, query);
        snapshot = { version: store.version, objects: store.list(storageOf(resource), namespace).filter(isWanted) };
      }
      const resourceVersion = String(snapshot.version);
      const end = limit === 0 ? snapshot.objects.length : from + limit;
      const objects = snapshot.objects.slice(from, end);
      const left = snapshot.objects.length - end;
      if (left <= 0) return { objects, metadata: { resourceVersion } };
      const next = toToken(id ?? keep(snapshot), end);
      const isFiltered = query.has('labelSelector') || query.has('fieldSelector');
      return {
        objects,
        metadata: { resourceVersion, continue: next, ...(isFiltered ? {} : { remainingItemCount: left }) },
      };
    },
  };
}

function parseLimit(text: string | null): number {
  const limit = Number(text ?? 0);
  if (!Number.isInteger(limit) || limit < 0) throw badRequest(`limit ${JSON.stringify(text)} must be a whole number`);
  return limit;
}

function toToken(id: string, offset: number): string {
  return Buffer.from(`${id}/${offset}`).toString('base64url');
}

function parseToken(token: string): readonly [string, number] {
  const match = /^([-0-9a-f]+)\/(\d+)$/.exec(Buffer.from(token, 'base64url').toString('utf8'));
  if (match === null) throw badRequest('continue key is not valid');
  return [match[1] ?? '', Number(match[2])];
}
