import * as z from 'zod/mini';
import { dns, flag } from '../config-fields.ts';
import { configFault, parseConfig, unsupported } from '../parse-config.ts';
import { parsePrefixList } from '../prefix-list.ts';

export interface VethConfig {
  /** Destinations that go to the node, canonical, both families: services, pods, additional ones. */
  readonly hijackedPrefixes: readonly string[];
  /** Whether a later interface gets a table of its own with `from` rules. */
  readonly isMigrating: boolean;
  readonly rpFilter: RpFilter;
  /** Echo the previous result and do nothing. */
  readonly isSkipped: boolean;
}

export interface RpFilter {
  /** Whether the host's end gets the value too. */
  readonly setHost: boolean;
  readonly value: '0' | '1' | '2';
}

const cidrs = () => z.array(z.string({ error: 'a CIDR' }), { error: 'a list of CIDRs' });
const text = () => z.string({ error: 'text' });
const count = () => z.int({ error: 'a whole number' });

const schema = z.strictObject({
  overlay_hijack_subnet: cidrs(),
  service_hijack_subnet: cidrs(),
  additional_hijack_subnet: z._default(cidrs(), []),
  migrate_route: z._default(z.literal([-1, 0, 1], { error: '-1, 0 or 1' }), -1),
  rp_filter: z.optional(
    z.strictObject(
      {
        set_host: z._default(flag(), false),
        value: z.optional(z.literal([0, 1, 2], { error: '0, 1 or 2' })),
      },
      { error: 'an object with set_host and value' },
    ),
  ),
  skip_call: z._default(flag(), false),
  only_op_mac: z._default(flag(), false),
  mac_prefix: z.optional(text()),
  ip_conflict: z.optional(
    z.strictObject(
      { enabled: z._default(flag(), false), interval: z.optional(text()), retries: z.optional(count()) },
      { error: 'an object with enabled, interval and retries' },
    ),
  ),
  // Underlane logs in one place: accepted, so that manifests need no change.
  log_options: z.optional(
    z.strictObject(
      {
        log_level: z.optional(text()),
        log_file: z.optional(text()),
        log_max_size: z.optional(count()),
        log_max_age: z.optional(count()),
        log_max_count: z.optional(count()),
      },
      { error: 'an object with log_level, log_file, log_max_size, log_max_age and log_max_count' },
    ),
  ),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parseVethConfig(raw: Readonly<Record<string, unknown>>): VethConfig {
  const parsed = parseConfig('veth', schema, raw);
  if (parsed.ip_conflict?.enabled === true) throw unsupported('veth', 'ip_conflict.enabled', true, 'false');
  if (parsed.only_op_mac) throw unsupported('veth', 'only_op_mac', true, 'false');
  if (parsed.mac_prefix !== undefined) {
    throw unsupported('veth', 'mac_prefix', parsed.mac_prefix, 'no prefix; a MAC can be given to the main plugin');
  }
  const prefixes = [
    ...requiredPrefixes('service_hijack_subnet', parsed.service_hijack_subnet),
    ...requiredPrefixes('overlay_hijack_subnet', parsed.overlay_hijack_subnet),
    ...parsePrefixList('veth', 'additional_hijack_subnet', parsed.additional_hijack_subnet),
  ];
  return {
    hijackedPrefixes: [...new Set(prefixes)],
    isMigrating: parsed.migrate_route !== 0,
    rpFilter: toRpFilter(parsed.rp_filter),
    isSkipped: parsed.skip_call,
  };
}

function requiredPrefixes(field: string, texts: readonly string[]): readonly string[] {
  if (texts.length === 0) throw configFault('veth', field, texts, 'a list of one CIDR at least');
  return parsePrefixList('veth', field, texts);
}

const LOOSE = 2;

interface ParsedRpFilter {
  readonly set_host: boolean;
  readonly value?: 0 | 1 | 2 | undefined;
}

/** A missing value means loose where the host's end is set too, and off where only the pod's is: as the predecessor has it. */
function toRpFilter(parsed: ParsedRpFilter | undefined): RpFilter {
  const setHost = parsed?.set_host ?? true;
  const value = parsed?.value ?? (setHost ? LOOSE : 0);
  return { setHost, value: toText(value) };
}

function toText(value: 0 | 1 | 2): RpFilter['value'] {
  return value === 0 ? '0' : value === 1 ? '1' : '2';
}
