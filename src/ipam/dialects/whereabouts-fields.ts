import * as z from 'zod/mini';
import { extrasShape } from '../config/extras.ts';
import { fixedAddressesShape } from '../wishes/fixed-address.ts';

const text = z.exactOptional(z.string());
const ends = { range_start: text, range_end: text, exclude: z.exactOptional(z.nullable(z.array(z.string()))) };
const EXPECTED_RANGE = { error: 'a range like 10.0.0.0/24 or 10.0.0.5-10.0.0.9/24' };

/** A Whereabouts `ipam` object, as far as it steers anything here. */
export const whereaboutsFields = z.object({
  type: z.literal('whereabouts'),
  range: z.exactOptional(z.string(EXPECTED_RANGE)),
  ...ends,
  ipRanges: z.exactOptional(z.nullable(z.array(z.strictObject({ range: z.string(EXPECTED_RANGE), ...ends })))),
  gateway: text,
  network_name: text,
  enable_overlapping_ranges: z.exactOptional(z.boolean()),
  configuration_path: text,
  node_slice_size: text,
  ...fixedAddressesShape,
  ...extrasShape,
});

export type WhereaboutsFields = z.infer<typeof whereaboutsFields>;

/** Fields that steer parts which Underlane does not have: storage, leader election, collectors, logs. */
export const IGNORED_FIELDS: readonly string[] = [
  'name',
  'datastore',
  'kubernetes',
  'log_file',
  'log_level',
  'leader_lease_duration',
  'leader_renew_deadline',
  'leader_retry_period',
  'reconciler_cron_expression',
  'sleep_for_race',
  'etcd_host',
  'etcd_username',
  'etcd_password',
  'etcd_key_file',
  'etcd_cert_file',
  'etcd_ca_cert_file',
];
