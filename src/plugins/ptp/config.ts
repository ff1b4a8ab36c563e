import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import { dns, flag, mtuBytes } from '../config-fields.ts';
import { parseConfig, unsupported } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface PtpConfig {
  /** Bytes; 0 leaves it to the kernel. */
  readonly mtu: number;
  readonly dns: CniDns;
}

const schema = z.strictObject({
  mtu: z._default(mtuBytes(), 0),
  ipMasq: z._default(flag(), false),
  ipMasqBackend: z.optional(z.string({ error: 'text' })),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected; also for keys that are not acted on yet */
export function parsePtpConfig(raw: Readonly<Record<string, unknown>>): PtpConfig {
  const parsed = parseConfig('ptp', schema, raw);
  if (parsed.ipMasq) throw unsupported('ptp', 'ipMasq', true, 'false');
  return { mtu: parsed.mtu, dns: resultDns(parsed.dns) };
}
