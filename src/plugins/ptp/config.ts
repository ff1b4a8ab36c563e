import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import { dns, flag, masqueradeBackend, mtuBytes } from '../config-fields.ts';
import { parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface PtpConfig {
  /** Bytes; 0 leaves it to the kernel. */
  readonly mtu: number;
  /** Whether what leaves the pod's subnet has the node's address. */
  readonly ipMasq: boolean;
  readonly dns: CniDns;
}

const schema = z.strictObject({
  mtu: z._default(mtuBytes(), 0),
  ipMasq: z._default(flag(), false),
  ipMasqBackend: z.optional(masqueradeBackend()),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parsePtpConfig(raw: Readonly<Record<string, unknown>>): PtpConfig {
  const parsed = parseConfig('ptp', schema, raw);
  return { mtu: parsed.mtu, ipMasq: parsed.ipMasq, dns: resultDns(parsed.dns) };
}
