import type { NetworkSelection } from '#networks';
import { AttachError } from '../errors.ts';

/** An interface that the pod has. */
export interface PresentNic {
  readonly ifname: string;
  readonly nad?: string;
  /** The element that asked for it; without one it is not the annotation's. */
  readonly selection?: NetworkSelection;
}

export interface WantedNic {
  readonly ifname: string;
  readonly selection: NetworkSelection;
}

/** What it takes from the interfaces that a pod has to those that its annotation asks for. */
export interface NicChange {
  readonly attach: readonly WantedNic[];
  /** Names of interfaces. */
  readonly detach: readonly string[];
  /** All that the annotation asks for, in its order. */
  readonly order: readonly string[];
}

/**
 * Compares the elements of a networks annotation with a pod's interfaces. One that says the same as before, in whatever
 * place or form, keeps its interface; a new one that asks for no name gets the first `net<N>` that is free. Pure.
 * @throws AttachError NETWORK_CONFIG
 */
export function planChange(present: readonly PresentNic[], wanted: readonly NetworkSelection[]): NicChange {
  const open = new Set(present.filter(({ selection }) => selection !== undefined));
  const names = new Map<NetworkSelection, string>();
  const keep = (selection: NetworkSelection, isIt: (nic: PresentNic) => boolean): void => {
    const says = saying(selection);
    const nic = [...open].find(candidate => isIt(candidate) && saying(candidate.selection) === says);
    if (nic === undefined) return;
    open.delete(nic);
    names.set(selection, nic.ifname);
  };
  // Those that insist on a name first: the others take what is left.
  for (const selection of wanted) {
    if (selection.interface !== undefined) keep(selection, ({ ifname }) => ifname === selection.interface);
  }
  const claimed = new Set(wanted.map(selection => selection.interface));
  for (const selection of wanted) {
    if (selection.interface === undefined) keep(selection, ({ ifname }) => !claimed.has(ifname));
  }
  const kept = new Set(present.filter(nic => !open.has(nic)).map(({ ifname }) => ifname));
  const attach = nameNew(
    wanted.filter(selection => !names.has(selection)),
    kept,
  );
  for (const { selection, ifname } of attach) names.set(selection, ifname);
  return {
    attach,
    detach: [...open].map(({ ifname }) => ifname),
    order: wanted.map(selection => names.get(selection) ?? ''),
  };
}

function nameNew(selections: readonly NetworkSelection[], kept: ReadonlySet<string>): readonly WantedNic[] {
  const used = new Set([...kept, ...selections.flatMap(({ interface: name }) => name ?? [])]);
  let next = 1;
  return selections.map(selection => {
    refuse(selection, kept);
    if (selection.interface !== undefined) return { selection, ifname: selection.interface };
    while (used.has(`net${next}`)) next++;
    return { selection, ifname: `net${next++}` };
  });
}

function refuse(
  { namespace, name, interface: ifname, defaultRoute }: NetworkSelection,
  kept: ReadonlySet<string>,
): void {
  const network = `Cannot attach network "${namespace}/${name}" to a running pod`;
  if (ifname !== undefined && kept.has(ifname)) {
    throw new AttachError(
      'NETWORK_CONFIG',
      `${network}: interface is "${ifname}", expected a name that the pod has not`,
    );
  }
  if (defaultRoute !== undefined) {
    throw new AttachError(
      'NETWORK_CONFIG',
      `${network}: default-route is ${JSON.stringify(defaultRoute)}, expected none: a running pod keeps its default routes`,
    );
  }
}

/** What an element says of its network, apart from its interface's name: the same text for the same. */
function saying(selection: NetworkSelection | undefined): string {
  const { interface: _name, ...rest } = selection ?? {};
  return JSON.stringify(sorted(rest));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** Whether a new interface can come only when one that leaves is gone: it needs its name, address, MAC or device. */
export function displaces(wanted: WantedNic, leaving: PresentNic): boolean {
  if (wanted.ifname === leaving.ifname) return true;
  const { selection: a } = wanted;
  const { selection: b } = leaving;
  if (b === undefined) return false;
  const sharesAddress = a.ips?.some(ip => b.ips?.some(other => other.split('/')[0] === ip.split('/')[0])) === true;
  return (
    sharesAddress || isShared(a.mac, b.mac) || isShared(a.deviceId, b.deviceId) || isShared(a.ipamClaim, b.ipamClaim)
  );
}

function isShared(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && a === b;
}
