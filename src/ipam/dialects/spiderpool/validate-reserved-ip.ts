import { type ObjectProblem, type SpiderReservedIP, wrongField } from '#api';
import { type Family, findIp } from '#ip';
import { readAddressRanges } from './address-ranges.ts';

/** What is wrong with a SpiderReservedIP. */
export function validateSpiderReservedIP({ spec }: SpiderReservedIP): readonly ObjectProblem[] {
  const { ips = [] } = spec;
  if (ips.length === 0) return [];
  const family = familyOfReserved(spec);
  if (family === undefined) {
    return [wrongField(['spec', 'ips', 0], ips[0], 'an address like 10.6.0.10 or a range like 10.6.0.10-10.6.0.20')];
  }
  return readAddressRanges(ips, ['spec', 'ips'], family).problems;
}

/** What is wrong with a change of it. */
export function validateSpiderReservedIPChange(
  old: SpiderReservedIP,
  changed: SpiderReservedIP,
): readonly ObjectProblem[] {
  const [before, after] = [familyOfReserved(old.spec), familyOfReserved(changed.spec)];
  if (before === undefined || after === undefined || before === after) return [];
  return [wrongField(['spec', 'ipVersion'], after, `${before}: it is not changeable`)];
}

/** The family that is given, else that of the first address. */
export function familyOfReserved({ ipVersion, ips = [] }: SpiderReservedIP['spec']): Family | undefined {
  if (ipVersion === 4 || ipVersion === 6) return ipVersion;
  return findIp(ips[0]?.split('-')[0]?.trim() ?? '')?.family;
}
