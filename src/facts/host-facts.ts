import { type Log, messageOf } from '#base';
import {
  findLinkByIndex,
  type KernelEvent,
  listNeighboursOf,
  monitorNamespace,
  type NeighbourFact,
  openRouteSocket,
} from '#netlink';
import type { NetNamespace } from '#netns';
import type { NsFacts } from './facts.ts';
import { createFactsTable } from './facts-table.ts';
import { readTables } from './read-ns-facts.ts';

/** The node's links, addresses, routes and rules, kept current by the kernel's own events. */
export interface HostFacts {
  /**
   * The state at this very moment: events that are queued are taken in first, so that a change made by this process
   * is in it (but an IPv6 address, which the kernel announces a moment later). The same value until something changes.
   * Neighbours and sysctls are left empty: ask for them when needed.
   */
  readonly current: NsFacts;
  /** Reads everything anew. */
  refresh(): void;
  /** Reads the neighbours on these devices, as far as there are such: they change too often to be kept. */
  neighbours(devs: ReadonlySet<string>): readonly NeighbourFact[];
  /** Calls the listener from the event loop after changes, several at once if they came together. Returns how to end it. */
  subscribe(listener: HostFactsListener): () => void;
}

export type HostFactsListener = (facts: NsFacts) => void;

export interface HostFactsOptions {
  /** @default the process's own namespace. May be disposed afterwards. */
  readonly ns?: NetNamespace;
  /** Ends the monitor; the facts then stay as they were. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** See `monitorNamespace`. */
  readonly queueBytes?: number;
}

/** Starts following the node's state; the first reading is done when it resolves. @throws NetlinkError, SysError */
export async function createHostFacts(options: HostFactsOptions): Promise<HostFacts> {
  const { ns, signal, log, queueBytes } = options;
  const table = createFactsTable();
  const listeners = new Set<HostFactsListener>();
  const unfinished = new Set<number>();
  let isStale = true;
  let isAnnounced = false;

  // Before the first reading, so that no change falls between the two.
  const monitor = monitorNamespace({
    ...(ns === undefined ? {} : { ns }),
    ...(queueBytes === undefined ? {} : { queueBytes }),
    groups: ['link', 'address', 'route', 'rule'],
    onMessage: take,
    onOverrun() {
      log.warn({}, 'network events were lost, reading the state anew');
      isStale = true;
      announce();
    },
    signal,
  });
  const socket = openRouteSocket(ns);
  signal.addEventListener('abort', () => socket[Symbol.dispose](), { once: true });

  function take(event: KernelEvent): void {
    // What is read anew afterwards has it.
    if (isStale) return;
    const effect = table.apply(event);
    if (effect === 'unknown') isStale = true;
    if (effect !== 'same') announce();
    // The kernel tells of the first end of a veth pair before it has the second, and not again afterwards.
    if (event.kind === 'link' && !event.isGone && event.link.linkIfindex === 0) unfinished.add(event.link.ifindex);
  }

  /** Takes in what the kernel has queued, then reads everything anew if the events did not tell all. */
  function catchUp(): void {
    if (signal.aborted) return;
    monitor.drainSync();
    for (const ifindex of unfinished) finishLink(ifindex);
    unfinished.clear();
    if (!isStale) return;
    isStale = false;
    if (table.replace(readTables(socket))) announce();
  }

  function finishLink(ifindex: number): void {
    const link = findLinkByIndex(socket, ifindex);
    if (link !== undefined && table.apply({ kind: 'link', isGone: false, link }) !== 'same') announce();
  }

  function announce(): void {
    if (isAnnounced) return;
    isAnnounced = true;
    setImmediate(() => {
      catchUp();
      isAnnounced = false;
      if (signal.aborted) return;
      for (const listener of [...listeners]) tell(listener);
    });
  }

  function tell(listener: HostFactsListener): void {
    try {
      listener(table.snapshot());
    } catch (error) {
      // One listener's failure is not the others'.
      log.error({ error: messageOf(error) }, 'a listener for host facts failed');
    }
  }

  catchUp();
  return {
    get current() {
      catchUp();
      return table.snapshot();
    },
    refresh() {
      isStale = true;
      catchUp();
    },
    neighbours(devs) {
      catchUp();
      const links = table.snapshot().links.filter(({ name }) => devs.has(name));
      return links.flatMap(link => listNeighboursOf(socket, link));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
