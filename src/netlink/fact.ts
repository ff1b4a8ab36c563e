/** What the kernel has, one thing at a time, as plain data. Addresses are canonical text (`10.0.0.1`, `10.0.0.1/24`, `default` never: always `0.0.0.0/0`). */
import type { Family } from '#ip';

export interface LinkFact extends LinkKindFact, BridgePortFact {
  readonly ifindex: number;
  readonly name: string;
  /** The kernel's kind (`veth`, `macvlan`, `bridge`), undefined for physical links and `lo`. */
  readonly kind?: string;
  readonly mac?: string;
  readonly mtu: number;
  readonly isUp: boolean;
  readonly isLoopback: boolean;
  /** IFLA_LINK: master of a macvlan, peer of a veth. In another namespace when `linkNetnsid` is set. */
  readonly linkIfindex?: number;
  readonly linkNetnsid?: number;
  /** IFLA_MASTER: the bridge or bond that this link is a port of. */
  readonly masterIfindex?: number;
  readonly alias?: string;
  /** IFLA_PARENT_DEV_NAME: a physical device's address on its bus, such as `0000:00:1f.6`. */
  readonly parentDevice?: string;
  /** Of the PCI device that the parent is a part of, where that is not the parent itself. The kernel does not tell it with the link. */
  readonly pciAddress?: string;
  /** IFF_PROMISC as somebody has asked for it; absent when off. */
  readonly isPromiscuous?: true;
}

/** What the kernel tells of links of one kind only. */
export interface LinkKindFact {
  readonly macvlanMode?: MacvlanMode;
  readonly ipvlanMode?: IpvlanMode;
  readonly ipvlanFlag?: IpvlanFlag;
  readonly vlanId?: number;
  readonly vlanProtocol?: VlanProtocol;
  readonly vxlanId?: number;
  /** BOND_MODE_* */
  readonly bondMode?: number;
  readonly vrfTable?: number;
  /** Of a bridge; absent when off. */
  readonly hasVlanFiltering?: true;
}

/** What a bridge tells of its port; absent when off. */
export interface BridgePortFact {
  /** A frame may leave by the port that it came in by. */
  readonly isHairpin?: true;
  /** Reaches no other isolated port. */
  readonly isIsolated?: true;
  /** Absent where they were not read. */
  readonly vlans?: readonly BridgeVlan[];
}

/** A VLAN that a bridge's port carries. */
export interface BridgeVlan {
  readonly id: number;
  /** What comes in without a tag is in this one. */
  readonly isPvid?: true;
  /** Leaves without a tag. */
  readonly isUntagged?: true;
}

/** A virtual function as its physical one tells of it. */
export interface VfFact {
  readonly vf: number;
  /** One of each name that the driver tells of. */
  readonly settings: readonly VfSetting[];
}

export type VfSetting =
  /** The administrator's: zeros leave the choice to whoever has the virtual function. */
  | { readonly name: 'mac'; readonly mac: string }
  /** 0 is none. */
  | { readonly name: 'vlan'; readonly id: number; readonly qos: number; readonly protocol: VlanProtocol }
  /** Mbit/s; 0 is no limit. */
  | { readonly name: 'rate'; readonly min: number; readonly max: number }
  | { readonly name: 'spoofchk' | 'trust'; readonly isOn: boolean }
  | { readonly name: 'state'; readonly state: VfLinkState };

export type VfLinkState = 'auto' | 'enable' | 'disable';

export type IpvlanMode = 'l2' | 'l3' | 'l3s';
export type IpvlanFlag = 'bridge' | 'private' | 'vepa';
export type VlanProtocol = '802.1Q' | '802.1ad';
export type MacvlanMode = 'private' | 'vepa' | 'bridge' | 'passthru' | 'source';
export type { Family };
export type RouteScope = 'universe' | 'site' | 'link' | 'host' | 'nowhere';

export interface AddressFact {
  readonly dev: string;
  /** `172.18.0.10/16` */
  readonly address: string;
  readonly scope: RouteScope;
}

export interface RouteFact {
  readonly family: Family;
  /** Destination prefix; the default route is `0.0.0.0/0` or `::/0`. */
  readonly dst: string;
  readonly via?: string;
  readonly dev?: string;
  readonly src?: string;
  /** 254 is main. */
  readonly table: number;
  readonly scope: RouteScope;
  /** RTPROT_*: 2 kernel, 3 boot, 4 static. */
  readonly protocol: number;
  readonly metric?: number;
  /** RTAX_MTU, bytes. */
  readonly mtu?: number;
  /** RTAX_ADVMSS, bytes. */
  readonly advmss?: number;
  /** Of a multipath route: its ways out. Then there is no `via` and no `dev`. */
  readonly nexthops?: readonly NexthopFact[];
}

export interface NexthopFact {
  readonly dev: string;
  readonly via?: string;
  /** From 1; a way's share of the traffic. */
  readonly weight: number;
}

export interface RuleFact {
  readonly family: Family;
  readonly priority: number;
  readonly from?: string;
  readonly to?: string;
  readonly iif?: string;
  readonly fwmark?: number;
  readonly fwmask?: number;
  readonly table: number;
}

export interface NeighbourFact {
  readonly family: Family;
  readonly address: string;
  readonly dev: string;
  readonly lladdr?: string;
  readonly isPermanent: boolean;
}
