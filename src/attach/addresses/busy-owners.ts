/** Owners (pod uid or container) of ADDs under way: their claims may be taken and not yet journalled. */
export interface BusyOwners {
  has(owner: string): boolean;
  list(): readonly string[];
  /** Counts the owner in until what it returns is called. */
  enter(owner: string): () => void;
}

/** @param onIdle called when an owner's last ADD has ended */
export function createBusyOwners(onIdle: (owner: string) => void): BusyOwners {
  const counts = new Map<string, number>();
  return {
    has: owner => counts.has(owner),
    list: () => [...counts.keys()],
    enter(owner) {
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
      return () => {
        const left = (counts.get(owner) ?? 0) - 1;
        if (left > 0) {
          counts.set(owner, left);
          return;
        }
        counts.delete(owner);
        onIdle(owner);
      };
    },
  };
}
