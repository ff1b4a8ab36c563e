import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import { deviceName, dns, flag, mtuBytes } from '../config-fields.ts';
import type { MasterConfig } from '../find-master.ts';
import { configFault, parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';
import { vlanId } from '../vlan-id.ts';

export interface VlanConfig extends MasterConfig {
  readonly master: string;
  readonly vlanId: number;
  readonly dns: CniDns;
}

const schema = z.strictObject({
  master: z.optional(deviceName()),
  vlanId: z._default(vlanId(), 0),
  mtu: z._default(mtuBytes(), 0),
  linkInContainer: z._default(flag(), false),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parseVlanConfig(raw: Readonly<Record<string, unknown>>): VlanConfig {
  const parsed = parseConfig('vlan', schema, raw);
  if (parsed.master === undefined) throw configFault('vlan', 'master', undefined, 'the name of a network device');
  return {
    master: parsed.master,
    vlanId: parsed.vlanId,
    mtu: parsed.mtu,
    linkInContainer: parsed.linkInContainer,
    dns: resultDns(parsed.dns),
  };
}
