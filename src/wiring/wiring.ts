import type { MacvlanMode, RouteScope, RuleFact } from '#facts';

/** Which namespace an item lives in: the node's own or the pod's. */
export type Place = 'host' | 'pod';

/**
 * Desired kernel state: items in the order in which they are made; undo runs in reverse.
 * An item without `shared` is owned by one attachment. A shared one has a key and users: undo drops one user,
 * the last user removes it, and only if we created it.
 */
export type Wiring = readonly WiringItem[];

export type WiringItem = LinkItem | AddressItem | RouteItem | RuleItem | NeighbourItem | SysctlItem;

interface Item {
  readonly place: Place;
  /** The key under which attachments share this item; absent when owned. */
  readonly shared?: string;
}

export interface LinkItem extends Item {
  readonly kind: 'link';
  readonly name: string;
  readonly link: LinkKind;
  readonly mac?: string;
  /** Bytes. */
  readonly mtu?: number;
  readonly isUp: boolean;
  /** Name of the bridge (same place) that this link becomes a port of. */
  readonly bridge?: string;
}

export type LinkKind =
  /** Both ends are one item: making it makes both, in their final namespaces under their final names. */
  | { readonly type: 'veth'; readonly peer: VethPeer }
  | {
      readonly type: 'macvlan';
      readonly master: string;
      readonly masterPlace: Place;
      readonly mode: MacvlanMode;
      readonly bcQueueLen?: number;
    }
  | { readonly type: 'bridge' }
  /** Somebody else made it (`lo`, a master that becomes a bridge port): only its state is wanted. */
  | { readonly type: 'existing' };

export interface VethPeer {
  readonly place: Place;
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  readonly isUp: boolean;
  readonly bridge?: string;
}

export interface AddressItem extends Item {
  readonly kind: 'address';
  readonly dev: string;
  /** `172.18.0.10/16` */
  readonly address: string;
  readonly scope?: RouteScope;
}

export interface RouteItem extends Item {
  readonly kind: 'route';
  /** `0.0.0.0/0` is the default route. */
  readonly dst: string;
  readonly dev: string;
  readonly via?: string;
  readonly src?: string;
  /** Default 254, main. */
  readonly table?: number;
  /** Default: `link` without `via`, else `universe`. */
  readonly scope?: RouteScope;
  readonly metric?: number;
  /** RTPROT_*, default 3 (boot). Not compared: it only lets an undo put a replaced route back as it was. */
  readonly protocol?: number;
}

export interface RuleItem extends Item, RuleFact {
  readonly kind: 'rule';
}

/** A permanent neighbour entry. Replaces whatever stands there: a stale MAC must never win. */
export interface NeighbourItem extends Item {
  readonly kind: 'neighbour';
  readonly dev: string;
  readonly address: string;
  readonly lladdr: string;
}

export interface SysctlItem extends Item {
  readonly kind: 'sysctl';
  /** Path below /proc/sys: `net/ipv4/conf/eth0/rp_filter`. */
  readonly path: string;
  readonly value: string;
}

/**
 * One step from facts to wiring, with what it takes to go back.
 * Planned (and journalled) before anything is done, so a crash can be undone from it without knowing how far apply came:
 * undo of a `create` deletes the item if it is there and ours, undo of a `replace` puts `previous` back.
 */
export type Change =
  | { readonly op: 'create'; readonly item: WiringItem }
  | { readonly op: 'replace'; readonly item: WiringItem; readonly previous: WiringItem }
  /** Already as wanted and not made by us: undo leaves it. */
  | { readonly op: 'keep'; readonly item: WiringItem };

/** A wanted item that the facts do not show: what CHECK reports. */
export interface Difference {
  readonly item: WiringItem;
  /** undefined when the item is missing altogether. */
  readonly actual?: WiringItem;
  /** One sentence for an operator: `route 10.96.0.0/12 via 172.18.0.2 dev veth0 is missing in the pod`. */
  readonly message: string;
}
