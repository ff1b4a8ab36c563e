import { type Attribute, bytes, forEachAttribute, nested, u32 } from './attribute.ts';
import type { VfFact, VfLinkState, VfSetting, VlanProtocol } from './fact.ts';
import { encodeLinkHeader, IFLA_EXT_MASK, RTM_GETLINK, RTM_SETLINK } from './link-message.ts';
import { decodeMac, encodeMac } from './mac-bytes.ts';
import type { RouteSocket } from './route-socket.ts';

const IFLA_VFINFO_LIST = 22;
const IFLA_VF_INFO = 1;
const IFLA_VF_MAC = 1;
const IFLA_VF_VLAN = 2;
const IFLA_VF_SPOOFCHK = 4;
const IFLA_VF_LINK_STATE = 5;
const IFLA_VF_RATE = 6;
const IFLA_VF_TRUST = 9;
const IFLA_VF_VLAN_LIST = 12;
const IFLA_VF_VLAN_INFO = 1;

/** Asks for virtual functions, and for no counters. */
const RTEXT_FILTER_VF = 1;
const RTEXT_FILTER_SKIP_STATS = 8;
const LINK_HEADER_SIZE = 16;
/** MAX_ADDR_LEN: room for a MAC in `struct ifla_vf_mac`. */
const MAC_ROOM = 32;
const MAC_SIZE = 6;
/** What a driver says of a switch that it does not have. */
const UNKNOWN = 0xffff_ffff;

/** IFLA_VF_LINK_STATE_* */
const LINK_STATES: readonly VfLinkState[] = ['auto', 'enable', 'disable'];
/** EtherTypes, in network byte order on the wire. */
const VLAN_PROTOCOLS: Readonly<Record<VlanProtocol, number>> = { '802.1Q': 0x8100, '802.1ad': 0x88a8 };

/**
 * The virtual functions of a physical one, with those settings that its driver tells of; none of any other link.
 * Same as: `ip link show dev PF`
 */
export function listVfs(socket: RouteSocket, ifindex: number): readonly VfFact[] {
  const attributes = [u32(IFLA_EXT_MASK, RTEXT_FILTER_VF | RTEXT_FILTER_SKIP_STATS)];
  const request = { type: RTM_GETLINK, header: encodeLinkHeader({ ifindex }), attributes };
  return socket.fetch(request, `list virtual functions of link ${ifindex}`, decodeVfs) ?? [];
}

/**
 * Changes one setting of a virtual function, by way of its physical one.
 * Same as: `ip link set dev PF vf N [mac MAC] [vlan ID qos Q proto P] [min_tx_rate R max_tx_rate R] [spoofchk on|off]
 * [trust on|off] [state auto|enable|disable]`
 *
 * @throws NetlinkError with code "EOPNOTSUPP" when the driver cannot
 */
export function setVf(socket: RouteSocket, ifindex: number, vf: number, setting: VfSetting): void {
  const action = `change virtual function ${vf} of link ${ifindex}`;
  const list = nested(IFLA_VFINFO_LIST, [nested(IFLA_VF_INFO, [encodeSetting(action, vf, setting)])]);
  socket.request({ type: RTM_SETLINK, header: encodeLinkHeader({ ifindex }), attributes: [list] }, action);
}

/** Each is a struct of 32-bit numbers, the first of which is the virtual function's. */
function encodeSetting(action: string, vf: number, setting: VfSetting): Attribute {
  switch (setting.name) {
    case 'mac': {
      const mac = Buffer.alloc(MAC_ROOM);
      mac.set(encodeMac(action, setting.mac));
      return bytes(IFLA_VF_MAC, Buffer.concat([numbers(vf), mac]));
    }
    case 'vlan': {
      const { id, qos, protocol } = setting;
      // Only the list knows protocols; drivers that have never heard of it take the plain one.
      if (protocol === '802.1Q') return bytes(IFLA_VF_VLAN, numbers(vf, id, qos));
      const proto = Buffer.alloc(4);
      proto.writeUInt16BE(VLAN_PROTOCOLS[protocol], 0);
      const info = bytes(IFLA_VF_VLAN_INFO, Buffer.concat([numbers(vf, id, qos), proto]));
      return nested(IFLA_VF_VLAN_LIST, [info]);
    }
    case 'rate':
      return bytes(IFLA_VF_RATE, numbers(vf, setting.min, setting.max));
    case 'spoofchk':
      return bytes(IFLA_VF_SPOOFCHK, numbers(vf, setting.isOn ? 1 : 0));
    case 'trust':
      return bytes(IFLA_VF_TRUST, numbers(vf, setting.isOn ? 1 : 0));
    case 'state':
      return bytes(IFLA_VF_LINK_STATE, numbers(vf, LINK_STATES.indexOf(setting.state)));
  }
}

function numbers(...values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) buffer.writeUInt32LE(value, 4 * index);
  return buffer;
}

function decodeVfs(buffer: Buffer, start: number, end: number): readonly VfFact[] {
  const vfs: VfFact[] = [];
  forEachAttribute(buffer, start + LINK_HEADER_SIZE, end, (type, from, to) => {
    if (type !== IFLA_VFINFO_LIST) return;
    forEachAttribute(buffer, from, to, (kind, infoFrom, infoTo) => {
      if (kind === IFLA_VF_INFO) vfs.push(decodeVf(buffer, infoFrom, infoTo));
    });
  });
  return vfs;
}

function decodeVf(buffer: Buffer, start: number, end: number): VfFact {
  let vf = 0;
  const settings = new Map<VfSetting['name'], VfSetting>();
  forEachAttribute(buffer, start, end, (type, from, to) => {
    const at = (index: number): number => buffer.readUInt32LE(from + 4 * index);
    const put = (setting: VfSetting): unknown => settings.set(setting.name, setting);
    if (type === IFLA_VF_MAC) {
      vf = at(0);
      const mac = decodeMac(buffer.subarray(from + 4, from + 4 + MAC_SIZE));
      if (mac !== undefined) put({ name: 'mac', mac });
    } else if (type === IFLA_VF_VLAN && !settings.has('vlan')) {
      put({ name: 'vlan', id: at(1), qos: at(2), protocol: '802.1Q' });
    } else if (type === IFLA_VF_VLAN_LIST) {
      forEachAttribute(buffer, from, to, (kind, infoFrom) => {
        if (kind === IFLA_VF_VLAN_INFO) put(decodeVlan(buffer, infoFrom));
      });
    } else if (type === IFLA_VF_RATE) put({ name: 'rate', min: at(1), max: at(2) });
    else if (type === IFLA_VF_SPOOFCHK && at(1) !== UNKNOWN) put({ name: 'spoofchk', isOn: at(1) !== 0 });
    else if (type === IFLA_VF_TRUST && at(1) !== UNKNOWN) put({ name: 'trust', isOn: at(1) !== 0 });
    else if (type === IFLA_VF_LINK_STATE) {
      const state = LINK_STATES[at(1)];
      if (state !== undefined) put({ name: 'state', state });
    }
  });
  return { vf, settings: [...settings.values()] };
}

/** `struct ifla_vf_vlan_info`: u32 vf, u32 vlan, u32 qos, be16 protocol. */
function decodeVlan(buffer: Buffer, start: number): VfSetting {
  const protocol = buffer.readUInt16BE(start + 12) === VLAN_PROTOCOLS['802.1ad'] ? '802.1ad' : '802.1Q';
  return { name: 'vlan', id: buffer.readUInt32LE(start + 4), qos: buffer.readUInt32LE(start + 8), protocol };
}

/** Whether they are of one kind and say the same. */
export function isSameVfSetting(a: VfSetting, b: VfSetting): boolean {
  return formatVfSetting(a) === formatVfSetting(b);
}

/** As `ip link set dev PF vf N` takes it: `vlan 100 qos 2 proto 802.1ad`. */
export function formatVfSetting(setting: VfSetting): string {
  switch (setting.name) {
    case 'mac':
      return `mac ${setting.mac}`;
    case 'vlan':
      return `vlan ${setting.id} qos ${setting.qos} proto ${setting.protocol}`;
    case 'rate':
      return `min_tx_rate ${setting.min} max_tx_rate ${setting.max}`;
    case 'spoofchk':
    case 'trust':
      return `${setting.name} ${setting.isOn ? 'on' : 'off'}`;
    case 'state':
      return `state ${setting.state}`;
  }
}
