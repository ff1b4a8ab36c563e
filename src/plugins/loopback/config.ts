import * as z from 'zod/mini';
import { dns } from '../config-fields.ts';
import { parseConfig } from '../parse-config.ts';

/** loopback has no keys of its own. */
export type LoopbackConfig = Readonly<Record<never, never>>;

const schema = z.strictObject({ dns: z.optional(dns()) });

/** @throws ConfigError */
export function parseLoopbackConfig(raw: Readonly<Record<string, unknown>>): LoopbackConfig {
  parseConfig('loopback', schema, raw);
  return {};
}
