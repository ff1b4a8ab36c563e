import type {
  BridgeVlan,
  IpvlanFlag,
  IpvlanMode,
  MacvlanMode,
  RouteScope,
  RuleFact,
  VfSetting,
  VlanProtocol,
} from '#facts';
import type { NftItem } from './nft-items.ts';

/** Which namespace an item lives in: the node's own or the pod's. */
export type Place = 'host' | 'pod';

/**
 * Desired kernel state: items in the order in which they are made; undo runs in reverse.
 * An item without `shared` is owned by one attachment. A shared one has a key and users: undo drops one user,
 * the last user removes it, and only if we created it.
 */
export type Wiring = readonly WiringItem[];

export type WiringItem =
  | LinkItem
  | AddressItem
  | RouteItem
  | RuleItem
  | NeighbourItem
  | SysctlItem
  | AbsentItem
  | VfItem
  | NftItem;

/** What all items have. */
export interface Item {
  readonly place: Place;
  /** The key under which attachments share this item; absent when owned. */
  readonly shared?: string;
}

/** What can be changed on a link while it lives. Absent fields are left as they are. */
export interface LinkState {
  readonly mac?: string;
  /** Bytes. */
  readonly mtu?: number;
  readonly isUp: boolean;
  readonly isPromiscuous?: boolean;
  /** Name of the bridge (same place) that this link becomes a port of. */
  readonly bridge?: string;
  /** Of a bridge's port: whether frames may leave by it that came in by it. */
  readonly isHairpin?: boolean;
  /** Of a bridge's port: whether it is kept from other isolated ports. */
  readonly isIsolated?: boolean;
  /** Of a bridge's port that we make: exactly the VLANs that it carries. */
  readonly vlans?: readonly BridgeVlan[];
}

export interface LinkItem extends Item, LinkState {
  readonly kind: 'link';
  readonly name: string;
  readonly link: LinkKind;
}

/** A parent device, and where it is. */
interface OnMaster {
  readonly master: string;
  readonly masterPlace: Place;
}

export type LinkKind =
  /** Both ends are one item: making it makes both, in their final namespaces under their final names. */
  | { readonly type: 'veth'; readonly peer: VethPeer }
  | (OnMaster & { readonly type: 'macvlan'; readonly mode: MacvlanMode; readonly bcQueueLen?: number })
  /** Has its master's MAC. */
  | (OnMaster & { readonly type: 'ipvlan'; readonly mode: IpvlanMode; readonly flag?: IpvlanFlag })
  | (OnMaster & { readonly type: 'vlan'; readonly id: number; readonly protocol?: VlanProtocol })
  | { readonly type: 'bridge'; readonly hasVlanFiltering?: true }
  | { readonly type: 'dummy' }
  | MovedKind
  /** Somebody else made it (`lo`, a master that becomes a bridge port): only its state is wanted. */
  | { readonly type: 'existing' };

/** A device that is there already and comes from another place. Undo brings it back under its name and in its state. */
export interface MovedKind {
  readonly type: 'moved';
  readonly from: string;
  readonly fromPlace: Place;
  /** What it is known by wherever it turns up: its MAC, and the kernel's kind (none for a physical device). */
  readonly address?: string;
  readonly deviceKind?: string;
  /** Its address on its bus, where it has one: stands above its MAC, which may change. */
  readonly parentDevice?: string;
}

export interface VethPeer extends LinkState {
  readonly place: Place;
  readonly name: string;
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
  /** Not made, and not missed, where another route has its destination, table and metric already: the first one wins. */
  readonly yields?: true;
  readonly dev: string;
  readonly via?: string;
  /** Further gateways on `dev`, with which `via` shares the traffic evenly. */
  readonly moreVias?: readonly string[];
  readonly src?: string;
  /** Default 254, main. */
  readonly table?: number;
  /** Default: `link` without `via`, else `universe`. */
  readonly scope?: RouteScope;
  readonly metric?: number;
  /** Bytes. */
  readonly mtu?: number;
  /** Bytes. */
  readonly advmss?: number;
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
 * A route or an address that must not be there. Whoever had it gets it back on undo, unless it is final. Items before it in the same wiring
 * that it takes back are never made: a route that an earlier plugin of a chain plans can be moved by a later one in one
 * go, and what stood in its place is not touched.
 */
export interface AbsentItem extends Item {
  readonly kind: 'absent';
  readonly what: RouteItem | AddressItem;
  /** Gone for good: undo does not bring it back, since others rely on what has come instead. */
  readonly isFinal?: true;
}

/** One setting of a virtual function, made by way of its physical one. Each stands alone: a driver may know some and refuse others. */
export interface VfItem extends Item {
  readonly kind: 'vf';
  /** The physical function. */
  readonly dev: string;
  readonly vf: number;
  readonly setting: VfSetting;
}

/**
 * One step from facts to wiring, with what it takes to go back.
 * Planned (and journalled) before anything is done, so a crash can be undone from it without knowing how far apply came:
 * undo of a `create` deletes the item if it is there and ours, undo of a `replace` puts `previous` back.
 */
export type Change =
  | { readonly op: 'create'; readonly item: WiringItem }
  | { readonly op: 'replace'; readonly item: WiringItem; readonly previous: WiringItem }
  /** Nothing to do: as wanted already and not made by us, or taken back by a later item. Undo leaves it. */
  | { readonly op: 'keep'; readonly item: WiringItem };

/** A wanted item that the facts do not show: what CHECK reports. */
export interface Difference {
  readonly item: WiringItem;
  /** undefined when the item is missing altogether. */
  readonly actual?: WiringItem;
  /** One sentence for an operator: `route 10.96.0.0/12 via 172.18.0.2 dev veth0 is missing in the pod`. */
  readonly message: string;
}
