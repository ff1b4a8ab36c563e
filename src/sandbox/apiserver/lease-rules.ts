import type { JsonObject } from './json.ts';
import { isJsonObject, objectOr, toText } from './json.ts';
import type { ResourceRules } from './served-resource.ts';
import type { StatusCause } from './status-error.ts';
import { badRequest, invalidValue } from './status-error.ts';
import { PLAIN } from './usual-rules.ts';

/** Leases: locks, so nobody replaces one whose last change they have not seen. */
export const LEASE_RULES: ResourceRules = {
  ...PLAIN,
  isVersionRequired: true,
  applyDefaults: withMicroseconds,
  validate: checkLease,
};

const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/;

/** Times of Leases have six digits behind the point, however they were given. */
function withMicroseconds(lease: JsonObject): JsonObject {
  if (!isJsonObject(lease['spec'])) return lease;
  const times = ['acquireTime', 'renewTime'].flatMap(field => {
    const time = objectOr(lease['spec'])[field];
    if (time === undefined || time === null) return [];
    const [, seconds, fraction = ''] = TIME.exec(toText(time)) ?? [];
    if (seconds === undefined)
      throw badRequest(
        `Lease in version "v1" cannot be handled as a Lease: parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00"`,
      );
    return [[field, `${seconds}.${fraction.padEnd(6, '0').slice(0, 6)}Z`]];
  });
  return { ...lease, spec: { ...lease['spec'], ...Object.fromEntries(times) } };
}

function checkLease(lease: JsonObject): readonly StatusCause[] {
  const { leaseDurationSeconds: duration, leaseTransitions: transitions } = objectOr(lease['spec']);
  return [
    ...(isBelow(duration, 1) ? [invalidValue('spec.leaseDurationSeconds', duration, 'must be greater than 0')] : []),
    ...(isBelow(transitions, 0)
      ? [invalidValue('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
      : []),
  ];
}

function isBelow(value: unknown, limit: number): boolean {
  return typeof value === 'number' && value < limit;
}
