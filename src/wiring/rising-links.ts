import type { Change, Place } from './wiring.ts';

/**
 * New links that stay down until something needs them up. Addresses and sysctls come first: a link that comes up
 * announces the addresses that it has by then (`arp_notify`, `ndisc_notify`), and no other moment does.
 */
export interface RisingLinks {
  /** Puts a link off. `up` is called once. */
  defer(place: Place, name: string, up: () => void): void;
  /** Brings the link up now if it was put off. */
  raise(place: Place, name: string): void;
  raiseAll(): void;
}

export function createRisingLinks(): RisingLinks {
  const waiting = new Map<string, () => void>();
  const raiseKey = (key: string) => {
    const up = waiting.get(key);
    waiting.delete(key);
    up?.();
  };
  return {
    defer: (place, name, up) => {
      waiting.set(`${place}/${name}`, up);
    },
    raise: (place, name) => raiseKey(`${place}/${name}`),
    raiseAll: () => {
      for (const key of [...waiting.keys()]) raiseKey(key);
    },
  };
}

/** The device that has to be up before the change can be made. */
export function deviceNeededUp({ item }: Change): string | undefined {
  // The kernel has no route on a link that is down: what is to be removed comes with the link.
  const subject = item.kind === 'absent' ? item.what : item;
  return subject.kind === 'route' || subject.kind === 'neighbour' ? subject.dev : undefined;
}
