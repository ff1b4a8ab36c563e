import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import { dns } from '../config-fields.ts';
import { parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface DummyConfig {
  readonly dns: CniDns;
}

const schema = z.strictObject({ dns: z.optional(dns()) });

/** @throws ConfigError naming field, value and what was expected */
export function parseDummyConfig(raw: Readonly<Record<string, unknown>>): DummyConfig {
  return { dns: resultDns(parseConfig('dummy', schema, raw).dns) };
}
