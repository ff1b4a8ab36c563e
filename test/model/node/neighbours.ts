import type { Trace } from '../run/trace.ts';
import type { Machine } from './machine.ts';

/** Who answers on the network for an address: strangers, and pods that have it. */
export interface Neighbours {
  /**
   * Asks for an address on behalf of an entry.
   * @returns the MAC of who answers
   */
  ask(address: string, asking: { readonly nonce: string; readonly text: string }): string | undefined;
  /** An entry begins to use an address. */
  use(address: string, nonce: string): void;
  /** Whether an entry has begun to use an address that a stranger had by then, and still has. */
  isUsedInSpite(address: string, nonce: string): boolean;
  readonly strangers: readonly string[];
  come(address: string): void;
  leave(address: string): void;
}

/** @param machines all of the network: a sandbox that has an address answers for it */
export function createNeighbours(machines: () => readonly Machine[], trace: Trace): Neighbours {
  /** Addresses of strangers; and which entries (by nonce) have begun to use them since. */
  const strangers = new Map<string, Set<string>>();

  function holderOf(address: string, nonce: string): string | undefined {
    for (const { name, journal, wired, down } of machines()) {
      for (const entry of journal.values()) {
        if (entry.nonce === nonce || !wired.has(entry.nonce)) continue;
        const leases = entry.attachments.flatMap(attachment => attachment.leases);
        const has = leases.some(
          lease =>
            lease.kind === 'claim' &&
            lease.spec.address.split('/')[0] === address &&
            !down.has(`${entry.nonce}/${lease.ref.name}`),
        );
        if (has) return `${name}/${entry.key.containerId}`;
      }
    }
    return undefined;
  }

  return {
    ask(address, { nonce, text }) {
      const who = strangers.has(address) ? 'a stranger' : holderOf(address, nonce);
      trace(() => `${text}: ${address} is ${who === undefined ? 'free' : `at ${who}`}`);
      return who === undefined ? undefined : '02:00:00:00:00:01';
    },
    use: (address, nonce) => void strangers.get(address)?.add(nonce),
    isUsedInSpite: (address, nonce) => strangers.get(address)?.has(nonce) === true,
    get strangers() {
      return [...strangers.keys()];
    },
    come(address) {
      if (strangers.has(address)) return;
      trace(() => `a stranger has ${address}`);
      strangers.set(address, new Set());
    },
    leave(address) {
      if (strangers.delete(address)) trace(() => `the stranger with ${address} leaves`);
    },
  };
}
