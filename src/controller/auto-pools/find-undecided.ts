import type { Resource, SpiderIPPool } from '#api';
import type { PoolCatalog, TopController } from '#ipam';

/** What telling needs. */
export interface UndecidedSources {
  /** What an auto pool was made for. */
  ownerOf(pool: SpiderIPPool): TopController | undefined;
  /** Whether a copy of it is here: then what it asks for is known. */
  isSeen(owner: TopController): boolean;
  /** Controllers (uid) whose annotations cannot be read. */
  readonly unread: ReadonlySet<string>;
  readonly catalog: Pick<PoolCatalog, 'get'>;
}

/**
 * Names of pools whose controller may still come to ask for them: it is there, and what it asks for is not known. The API
 * server is asked for one that is not seen here: of a kind that is not followed, or of which no watch has told yet, while
 * that of the pools tells already of what another replica has made for it.
 * @throws ApiError
 */
export async function findUndecided(
  pools: readonly SpiderIPPool[],
  { ownerOf, isSeen, unread, catalog }: UndecidedSources,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const undecided = await Promise.all(
    pools.map(async pool => {
      const owner = ownerOf(pool);
      if (owner === undefined) return false;
      if (unread.has(owner.uid)) return true;
      if (isSeen(owner)) return false;
      const { namespace, name } = owner;
      const object = await catalog.get(resourceOf(owner), { namespace, name }, signal);
      return object?.metadata.uid === owner.uid;
    }),
  );
  return new Set(pools.filter((_, index) => undecided[index]).map(({ metadata }) => metadata.name));
}

/** Kinds are nearly always spelt so; one that is not counts as gone while it has no pods. */
function resourceOf({ group, version, kind }: TopController): Resource {
  return { group, version, kind, plural: `${kind.toLowerCase()}s`, isNamespaced: true };
}
