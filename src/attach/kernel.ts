import type { LoopShare } from '#base';
import {
  type AddressFact,
  emptyNsFacts,
  type Facts,
  type HostFacts,
  type LinkFact,
  type NsFacts,
  readDevices,
  readNsFacts,
  readSysctls,
  withPciAddresses,
} from '#facts';
import { listTentativeAddresses, withBridgeVlans } from '#netlink';
import type { NetNamespace } from '#netns';
import {
  applyChanges,
  type Change,
  diff,
  openHandles,
  readVfs,
  readWiredNftables,
  readWiredVfs,
  requiredSysctls,
  type SeenLinks,
  type UndoOptions,
  undoChanges,
  type Wiring,
} from '#wiring';

/** The node's side of every attachment: its namespace, what is known of it, and what is just being removed from it. */
export interface HostKernel {
  readonly ns: NetNamespace;
  readonly facts: HostFacts;
  /** Removals of shared items that the kernel is still at; see {@link Kernel.settled}. */
  readonly removals: Set<Promise<void>>;
  /** Where sysfs is mounted. @default '/sys' */
  readonly sysfs?: string;
  /** What takes milliseconds in one go, reading facts, planning and making, takes a turn of its own: the agent answers others between. */
  readonly loop: LoopShare;
}

/** The kernel as one request sees it: both namespaces, open until it is disposed of. */
export interface Kernel extends Disposable {
  /** False when the pod's namespace is gone: nothing is left to undo there, and nothing can be made. */
  readonly hasPod: boolean;
  /** Of the pod, where there is one. */
  readonly podNs: NetNamespace | undefined;
  /** Facts of this moment, with the current values of the sysctls that `wiring` touches. */
  facts(wiring?: Wiring): Facts;
  /** The facts, with these devices of the node and what they are virtual functions of. */
  withDevices(facts: Facts, ids: readonly string[]): Facts;
  /**
   * The changes that make `wiring` true, one an item, by the facts of this moment; of the pod, by those that were last asked
   * for unless something was changed since. @throws WiringError
   */
  diff(wiring: Wiring, ownShared: Pick<ReadonlyMap<string, Change>, 'get'>): readonly Change[];
  /** Synchronous: after a diff in the same turn nothing can have come between. @throws WiringError */
  apply(changes: readonly Change[]): void;
  /** Undoes what is there of the changes; shared items only when nobody else uses them. @throws AggregateError */
  undo(changes: readonly Change[], options: Required<UndoOptions>): Promise<void>;
  /**
   * Resolves in a turn of the loop that is the owner's alone, when no shared item is being removed. The kernel takes
   * milliseconds to delete a bridge; a diff in that time would find it, keep it, and lose it. To be followed by diff and
   * apply in the same turn.
   */
  settled(owner: object): Promise<void>;
}

/** Opens the pod's namespace beside the node's. @throws NetnsError, SysError when one that exists cannot be opened */
export function openKernel(host: HostKernel, podNetns: string | undefined): Kernel {
  const handles = openHandles({ hostNs: host.ns, podNetns });
  const { pod } = handles;
  /** As it was last read, and nothing of ours has been at it since: whoever else is in the pod comes after us, or beside us anyway. */
  let inside: NsFacts | undefined;
  /** As the last diff saw them. */
  let links: SeenLinks | undefined;

  function readPod(): NsFacts {
    inside = pod === undefined ? emptyNsFacts : readNsFacts(pod.socket, { ns: pod.ns });
    return inside;
  }

  function factsFor(wiring: Wiring, inside: NsFacts): Facts {
    const neighbourDevs = wiring.flatMap(item =>
      item.kind === 'neighbour' && item.place === 'host' ? [item.dev] : [],
    );
    const current = host.facts.current;
    // VLANs of ports are not announced with their links: looked up where somebody asks for them.
    const touchesVlans = wiring.some(item => item.kind === 'link' && item.vlans !== undefined);
    const links = withPciAddresses(touchesVlans ? withBridgeVlans(handles.host.socket, current.links) : current.links);
    return {
      host: {
        ...current,
        neighbours: host.facts.neighbours(new Set(neighbourDevs)),
        links,
        ...(touchesIpv6(wiring) ? { addresses: [...current.addresses, ...tentative(links)] } : {}),
        ...readWiredNftables(handles.host, wiring, 'host'),
        ...readWiredVfs(handles.host, wiring, 'host'),
        sysctls: readSysctls(host.ns, requiredSysctls(wiring, 'host'), current.links),
      },
      pod:
        pod === undefined
          ? emptyNsFacts
          : {
              ...inside,
              sysctls: readSysctls(pod.ns, requiredSysctls(wiring, 'pod'), inside.links),
              ...readWiredNftables(pod, wiring, 'pod'),
            },
    };
  }

  /** The kernel does not announce an address before it is sure of it, but does not let us add it again either. */
  function tentative(links: readonly LinkFact[]): readonly AddressFact[] {
    return listTentativeAddresses(handles.host.socket, new Map(links.map(({ ifindex, name }) => [ifindex, name])));
  }

  return {
    hasPod: pod !== undefined,
    podNs: pod?.ns,
    facts: (wiring = []) => factsFor(wiring, readPod()),
    withDevices(before, ids) {
      const devices = readDevices(ids, host.sysfs);
      const pfs = devices.flatMap(({ vf }) => vf?.pfLinks ?? []);
      return { ...before, host: { ...before.host, ...readVfs(handles.host, pfs) }, devices };
    },
    diff(wiring, ownShared) {
      const seen = factsFor(wiring, inside ?? readPod());
      links = { host: seen.host.links, pod: seen.pod.links };
      return diff(wiring, seen, { ownShared });
    },
    apply(changes) {
      inside = undefined;
      applyChanges(changes, handles, links === undefined ? {} : { links });
    },
    async undo(changes, options) {
      const { isSharedInUse } = options;
      inside = undefined;
      const work = undoChanges(changes, handles, options);
      const removesShared = changes.some(
        ({ op, item }) => op !== 'keep' && item.shared !== undefined && !isSharedInUse(item.shared),
      );
      if (!removesShared) return work;
      const removal = work.then(
        () => undefined,
        () => undefined,
      );
      host.removals.add(removal);
      try {
        await work;
      } finally {
        host.removals.delete(removal);
      }
    },
    async settled(owner) {
      do {
        await Promise.all(host.removals);
        await host.loop.take(owner);
      } while (host.removals.size > 0);
    },
    [Symbol.dispose]: () => handles[Symbol.dispose](),
  };
}

function touchesIpv6(wiring: Wiring): boolean {
  return wiring.some(item => item.kind === 'address' && item.place === 'host' && item.address.includes(':'));
}
