import { type Attribute, forEachAttribute, u8, u16, u16be, u32 } from './attribute.ts';
import type { IpvlanFlag, IpvlanMode, LinkKindFact, MacvlanMode, VlanProtocol } from './fact.ts';
import { decodeMacvlanMode, encodeMacvlanMode } from './macvlan-mode.ts';

/** What makes a link of its kind: the kernel's IFLA_INFO_KIND with its IFLA_INFO_DATA. */
export type LinkData =
  | { readonly kind: 'bridge'; readonly hasVlanFiltering?: boolean }
  | { readonly kind: 'dummy' }
  | {
      readonly kind: 'macvlan';
      readonly mode: MacvlanMode;
      /** Frames; the kernel's default is 1000. */
      readonly bcQueueLen?: number;
    }
  | { readonly kind: 'ipvlan'; readonly mode: IpvlanMode /** @default 'bridge' */; readonly flag?: IpvlanFlag }
  | { readonly kind: 'vlan'; readonly id: number /** @default '802.1Q' */; readonly protocol?: VlanProtocol }
  | {
      readonly kind: 'vxlan';
      readonly id: number;
      /** UDP destination port. @default 4789 */
      readonly port?: number;
    }
  | {
      readonly kind: 'bond';
      /** BOND_MODE_*: 0 balance-rr, 1 active-backup, 4 802.3ad. */
      readonly mode: number;
      readonly miimonMs?: number;
    }
  | { readonly kind: 'vrf'; readonly table: number };

const IFLA_BR_VLAN_FILTERING = 7;
const IFLA_MACVLAN_MODE = 1;
const IFLA_MACVLAN_BC_QUEUE_LEN = 7;
const IFLA_IPVLAN_MODE = 1;
const IFLA_IPVLAN_FLAGS = 2;
const IFLA_VLAN_ID = 1;
const IFLA_VLAN_PROTOCOL = 5;
const IFLA_VXLAN_ID = 1;
const IFLA_VXLAN_PORT = 15;
const IFLA_BOND_MODE = 1;
const IFLA_BOND_MIIMON = 3;
const IFLA_VRF_TABLE = 1;

/** Assigned by IANA; the kernel's own default is an older number. */
const VXLAN_PORT = 4789;

/** IPVLAN_MODE_* and IPVLAN_F_* of linux/if_link.h; no flag is bridge. */
const IPVLAN_MODES: readonly IpvlanMode[] = ['l2', 'l3', 'l3s'];
const IPVLAN_FLAGS: readonly IpvlanFlag[] = ['bridge', 'private', 'vepa'];
/** EtherTypes. */
const VLAN_PROTOCOLS: Readonly<Record<VlanProtocol, number>> = { '802.1Q': 0x8100, '802.1ad': 0x88a8 };

/** The attributes inside IFLA_INFO_DATA. */
export function encodeLinkData(data: LinkData): Attribute[] {
  switch (data.kind) {
    case 'bridge':
      return data.hasVlanFiltering === undefined ? [] : [u8(IFLA_BR_VLAN_FILTERING, data.hasVlanFiltering ? 1 : 0)];
    case 'dummy':
      return [];
    case 'macvlan':
      return [
        ...(data.bcQueueLen === undefined ? [] : [u32(IFLA_MACVLAN_BC_QUEUE_LEN, data.bcQueueLen)]),
        u32(IFLA_MACVLAN_MODE, encodeMacvlanMode(data.mode)),
      ];
    case 'ipvlan':
      return [
        u16(IFLA_IPVLAN_MODE, IPVLAN_MODES.indexOf(data.mode)),
        u16(IFLA_IPVLAN_FLAGS, IPVLAN_FLAGS.indexOf(data.flag ?? 'bridge')),
      ];
    case 'vlan':
      return [u16be(IFLA_VLAN_PROTOCOL, VLAN_PROTOCOLS[data.protocol ?? '802.1Q']), u16(IFLA_VLAN_ID, data.id)];
    case 'vxlan':
      return [u32(IFLA_VXLAN_ID, data.id), u16be(IFLA_VXLAN_PORT, data.port ?? VXLAN_PORT)];
    case 'bond':
      return [
        u8(IFLA_BOND_MODE, data.mode),
        ...(data.miimonMs === undefined ? [] : [u32(IFLA_BOND_MIIMON, data.miimonMs)]),
      ];
    case 'vrf':
      return [u32(IFLA_VRF_TABLE, data.table)];
  }
}

type Visit = (fact: Writable<LinkKindFact>, buffer: Buffer, type: number, start: number) => void;
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/** By kind: what one attribute of its data says. Numbers newer than these tables are left out. */
const READERS: ReadonlyMap<string, Visit> = new Map<string, Visit>([
  [
    'bridge',
    (fact, buffer, type, start) => {
      if (type === IFLA_BR_VLAN_FILTERING && buffer.readUInt8(start) !== 0) fact.hasVlanFiltering = true;
    },
  ],
  [
    'macvlan',
    (fact, buffer, type, start) => {
      const mode = type === IFLA_MACVLAN_MODE ? decodeMacvlanMode(buffer.readUInt32LE(start)) : undefined;
      if (mode !== undefined) fact.macvlanMode = mode;
    },
  ],
  [
    'ipvlan',
    (fact, buffer, type, start) => {
      const mode = type === IFLA_IPVLAN_MODE ? IPVLAN_MODES[buffer.readUInt16LE(start)] : undefined;
      const flag = type === IFLA_IPVLAN_FLAGS ? IPVLAN_FLAGS[buffer.readUInt16LE(start)] : undefined;
      if (mode !== undefined) fact.ipvlanMode = mode;
      if (flag !== undefined) fact.ipvlanFlag = flag;
    },
  ],
  [
    'vlan',
    (fact, buffer, type, start) => {
      if (type === IFLA_VLAN_ID) fact.vlanId = buffer.readUInt16LE(start);
      if (type !== IFLA_VLAN_PROTOCOL) return;
      fact.vlanProtocol = buffer.readUInt16BE(start) === VLAN_PROTOCOLS['802.1ad'] ? '802.1ad' : '802.1Q';
    },
  ],
  [
    'vxlan',
    (fact, buffer, type, start) => {
      if (type === IFLA_VXLAN_ID) fact.vxlanId = buffer.readUInt32LE(start);
    },
  ],
  [
    'bond',
    (fact, buffer, type, start) => {
      if (type === IFLA_BOND_MODE) fact.bondMode = buffer.readUInt8(start);
    },
  ],
  [
    'vrf',
    (fact, buffer, type, start) => {
      if (type === IFLA_VRF_TABLE) fact.vrfTable = buffer.readUInt32LE(start);
    },
  ],
]);

/** Reads IFLA_INFO_DATA of a link of that kind; nothing for kinds whose data nobody asks for. */
export function decodeLinkData(kind: string, buffer: Buffer, start: number, end: number): LinkKindFact {
  const fact: Writable<LinkKindFact> = {};
  const read = READERS.get(kind);
  if (read !== undefined) forEachAttribute(buffer, start, end, (type, from) => read(fact, buffer, type, from));
  return fact;
}
