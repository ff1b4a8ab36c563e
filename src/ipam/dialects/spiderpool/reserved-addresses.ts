import type { SpiderReservedIP } from '#api';
import { type Family, type IntervalSet, normalise } from '#ip';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';
import { readAddressRanges } from './address-ranges.ts';
import { familyOfReserved } from './validate-reserved-ip.ts';

/** Addresses that no pool hands out. Entries that cannot be read reserve nothing. */
export function reservedAddresses(
  objects: readonly SpiderReservedIP[],
  family: Family,
  catalog: Pick<PoolCatalog, 'read'>,
): IntervalSet {
  return normalise(objects.flatMap(object => catalog.read(object, family === 4 ? readIpv4 : readIpv6)));
}

function readIpv4(object: SpiderReservedIP): IntervalSet {
  return readReserved(object, 4);
}

function readIpv6(object: SpiderReservedIP): IntervalSet {
  return readReserved(object, 6);
}

function readReserved({ spec }: SpiderReservedIP, family: Family): IntervalSet {
  return familyOfReserved(spec) === family ? readAddressRanges(spec.ips ?? [], [], family).set : [];
}
