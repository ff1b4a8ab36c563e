import type { IPAllocation } from '#api';
import type { CacheChange, ObjectName } from '#kube';

/** Claims by the object in which they show. */
export interface ClaimGroups {
  of(name: ObjectName): readonly IPAllocation[];
  /** Names of all objects that show a claim. */
  names(): readonly ObjectName[];
  /** Takes a change of a claim; returns the objects that it shows in, or showed in. */
  apply(change: CacheChange<IPAllocation>): readonly ObjectName[];
}

interface Group {
  readonly name: ObjectName;
  readonly claims: Map<string, IPAllocation>;
}

/** No claims yet. Every change costs the same, however many claims there are. */
export function createClaimGroups(namesOf: (claim: IPAllocation) => readonly ObjectName[]): ClaimGroups {
  const groups = new Map<string, Group>();

  function drop(claim: IPAllocation): readonly ObjectName[] {
    const names = namesOf(claim);
    for (const name of names) {
      const key = objectKey(name);
      const group = groups.get(key);
      group?.claims.delete(claim.metadata.name);
      if (group?.claims.size === 0) groups.delete(key);
    }
    return names;
  }

  function put(claim: IPAllocation): readonly ObjectName[] {
    const names = namesOf(claim);
    for (const name of names) {
      const key = objectKey(name);
      const group = groups.get(key) ?? { name, claims: new Map<string, IPAllocation>() };
      group.claims.set(claim.metadata.name, claim);
      groups.set(key, group);
    }
    return names;
  }

  return {
    of: name => [...(groups.get(objectKey(name))?.claims.values() ?? [])],
    names: () => [...groups.values()].map(({ name }) => name),
    apply(change) {
      if (change.type === 'relisted') return [];
      if (change.type === 'deleted') return drop(change.object);
      const before = change.previous === undefined ? [] : drop(change.previous);
      return [...before, ...put(change.object)];
    },
  };
}

/** One text for each name. */
export function objectKey({ namespace, name }: ObjectName): string {
  return `${namespace ?? ''}/${name}`;
}
