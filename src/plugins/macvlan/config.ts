import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import type { MacvlanMode } from '#facts';
import { deviceName, dns, flag, macAddress, mtuBytes, uint32, word } from '../config-fields.ts';
import type { MasterConfig } from '../find-master.ts';
import { parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface MacvlanConfig extends MasterConfig {
  readonly mode: MacvlanMode;
  readonly mac?: string;
  /** 0 leaves the kernel's default. */
  readonly bcQueueLen: number;
  readonly dns: CniDns;
}

const schema = z.strictObject({
  master: z.optional(deviceName()),
  mode: z._default(word(['bridge', 'private', 'vepa', 'passthru']), 'bridge'),
  mtu: z._default(mtuBytes(), 0),
  mac: z.optional(macAddress()),
  linkInContainer: z._default(flag(), false),
  bcqueuelen: z._default(uint32(), 0),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parseMacvlanConfig(raw: Readonly<Record<string, unknown>>): MacvlanConfig {
  const parsed = parseConfig('macvlan', schema, raw);
  return {
    ...(parsed.master === undefined ? {} : { master: parsed.master }),
    mode: parsed.mode,
    mtu: parsed.mtu,
    ...(parsed.mac === undefined ? {} : { mac: parsed.mac }),
    linkInContainer: parsed.linkInContainer,
    bcQueueLen: parsed.bcqueuelen,
    dns: resultDns(parsed.dns),
  };
}
