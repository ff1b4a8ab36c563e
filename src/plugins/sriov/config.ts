import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import type { VfLinkState, VlanProtocol } from '#facts';
import { dns, macAddress, word } from '../config-fields.ts';
import { configFault, parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface SriovConfig {
  /** The virtual function's address on the PCI bus. */
  readonly deviceId: string;
  readonly vlan?: { readonly id: number; readonly qos: number; readonly protocol: VlanProtocol };
  readonly mac?: string;
  readonly isSpoofChecked?: boolean;
  readonly isTrusted?: boolean;
  readonly linkState?: VfLinkState;
  /** Mbit/s; 0 is no limit. */
  readonly minTxRate?: number;
  readonly maxTxRate?: number;
  readonly dns: CniDns;
}

const MAX_VLAN = 4094;
const MAX_QOS = 7;
const MAX_RATE = 0xffff_ffff;

const whole = (max: number, error: string) => z.int({ error }).check(z.gte(0, { error }), z.lte(max, { error }));
const onOff = () => z.optional(word(['on', 'off']));
const rate = () => z.optional(whole(MAX_RATE, 'a whole number of Mbit/s, 0 for no limit'));
const pciAddress = () => {
  const error = 'the address of a virtual function on the PCI bus such as "0000:03:02.1"';
  return z.string({ error }).check(z.regex(/^[\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[0-7]$/i, { error }));
};

const schema = z.strictObject({
  deviceID: z.optional(pciAddress()),
  vlan: z.optional(whole(MAX_VLAN, `a VLAN from 0 (none) to ${MAX_VLAN}`)),
  vlanQoS: z.optional(whole(MAX_QOS, `a priority from 0 to ${MAX_QOS}`)),
  vlanProto: z.optional(word(['802.1q', '802.1ad', '802.1Q', '802.1AD'])),
  mac: z.optional(macAddress()),
  spoofchk: onOff(),
  trust: onOff(),
  link_state: z.optional(word(['auto', 'enable', 'disable'])),
  min_tx_rate: rate(),
  max_tx_rate: rate(),
  // Where the reference plugin logs; we log in one place.
  logLevel: z.optional(z.string({ error: 'text' })),
  logFile: z.optional(z.string({ error: 'text' })),
  dns: z.optional(dns()),
});

type Parsed = z.output<typeof schema>;

/** @throws ConfigError naming field, value and what was expected */
export function parseSriovConfig(raw: Readonly<Record<string, unknown>>): SriovConfig {
  const parsed = parseConfig('sriov', schema, raw);
  const deviceId = runtimeDevice(raw) ?? parsed.deviceID;
  if (deviceId === undefined) {
    throw configFault('sriov', 'deviceID', undefined, 'a resourceName on the NetworkAttachmentDefinition, or deviceID');
  }
  const { mac, spoofchk, trust, link_state: linkState, min_tx_rate: minTxRate, max_tx_rate: maxTxRate } = parsed;
  if (minTxRate !== undefined && maxTxRate !== undefined && maxTxRate !== 0 && minTxRate > maxTxRate) {
    throw configFault('sriov', 'min_tx_rate', minTxRate, `at most max_tx_rate, which is ${maxTxRate}`);
  }
  const vlan = vlanOf(parsed);
  return {
    deviceId: deviceId.toLowerCase(),
    ...(vlan === undefined ? {} : { vlan }),
    ...(mac === undefined ? {} : { mac }),
    ...(spoofchk === undefined ? {} : { isSpoofChecked: spoofchk === 'on' }),
    ...(trust === undefined ? {} : { isTrusted: trust === 'on' }),
    ...(linkState === undefined ? {} : { linkState }),
    ...(minTxRate === undefined ? {} : { minTxRate }),
    ...(maxTxRate === undefined ? {} : { maxTxRate }),
    dns: resultDns(parsed.dns),
  };
}

/** Priority and protocol mean something in a VLAN only. */
function vlanOf({ vlan, vlanQoS = 0, vlanProto = '802.1q' }: Parsed): SriovConfig['vlan'] {
  const protocol = vlanProto.toLowerCase() === '802.1ad' ? '802.1ad' : '802.1Q';
  if (vlan === undefined || vlan === 0) {
    if (vlanQoS !== 0) throw configFault('sriov', 'vlanQoS', vlanQoS, 'a vlan from 1 beside it, or 0');
    if (protocol !== '802.1Q')
      throw configFault('sriov', 'vlanProto', vlanProto, 'a vlan from 1 beside it, or "802.1q"');
  }
  return vlan === undefined ? undefined : { id: vlan, qos: vlanQoS, protocol };
}

/** What a device plugin has handed out to the pod stands above what the config names. */
function runtimeDevice(raw: Readonly<Record<string, unknown>>): string | undefined {
  const runtime = raw['runtimeConfig'];
  if (typeof runtime !== 'object' || runtime === null || !('deviceID' in runtime)) return undefined;
  const id = pciAddress().safeParse(runtime.deviceID);
  if (id.success) return id.data;
  throw configFault(
    'sriov',
    'runtimeConfig.deviceID',
    runtime.deviceID,
    id.error.issues[0]?.message ?? 'another value',
  );
}
