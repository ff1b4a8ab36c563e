import * as z from 'zod/mini';
import { dns } from '../config-fields.ts';
import { parseConfig } from '../parse-config.ts';

/** passthru has no keys of its own. */
export type PassthruConfig = Readonly<Record<never, never>>;

const schema = z.strictObject({ dns: z.optional(dns()) });

/** @throws ConfigError */
export function parsePassthruConfig(raw: Readonly<Record<string, unknown>>): PassthruConfig {
  parseConfig('passthru', schema, raw);
  return {};
}
