import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import type { IpvlanMode } from '#facts';
import { deviceName, dns, flag, mtuBytes, word } from '../config-fields.ts';
import type { MasterConfig } from '../find-master.ts';
import { parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface IpvlanConfig extends MasterConfig {
  readonly mode: IpvlanMode;
  readonly dns: CniDns;
}

const schema = z.strictObject({
  master: z.optional(deviceName()),
  mode: z._default(word(['l2', 'l3', 'l3s']), 'l2'),
  mtu: z._default(mtuBytes(), 0),
  linkInContainer: z._default(flag(), false),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parseIpvlanConfig(raw: Readonly<Record<string, unknown>>): IpvlanConfig {
  const parsed = parseConfig('ipvlan', schema, raw);
  return {
    ...(parsed.master === undefined ? {} : { master: parsed.master }),
    mode: parsed.mode,
    mtu: parsed.mtu,
    linkInContainer: parsed.linkInContainer,
    dns: resultDns(parsed.dns),
  };
}
