import { type Family, familyOf } from '../family.ts';
import { addressBytes, addressText } from './address-bytes.ts';
import type { ApiObject } from './api-object.ts';
import { type JsonObject, listAt, listOr, objectOr, textAt } from './json.ts';
import { invalidValue, type StatusCause } from './status-error.ts';

/** Where a cluster's Services get their addresses, by family; the cluster's primary family first. */
export type ServiceRanges = ReadonlyMap<Family, ServiceRange>;

interface ServiceRange {
  readonly base: bigint;
  /** Bytes of an address. */
  readonly width: number;
  readonly size: number;
}

/** `10.96.0.0/16`, `fd00:10:96::/108`: one of each family. */
export function parseServiceRanges(cidrs: readonly string[]): ServiceRanges {
  return new Map(cidrs.map(cidr => [familyOf(cidr), parseRange(cidr)]));
}

function parseRange(cidr: string): ServiceRange {
  const [address = '', length = ''] = cidr.split('/');
  const bytes = addressBytes(address);
  return {
    base: BigInt(`0x${bytes.toString('hex')}`),
    width: bytes.length,
    size: 2 ** (8 * bytes.length - Number(length)),
  };
}

/** The part of a Service's spec that says by which families and addresses it is reached; what it says already stays. */
export function addressFields(spec: JsonObject, ranges: ServiceRanges, others: readonly ApiObject[]): JsonObject {
  const [asked, families] = [askedAddresses(spec), listOr(spec['ipFamilies']).map(String)];
  const isDual = asked.length > 1 || families.length > 1;
  const ipFamilyPolicy = spec['ipFamilyPolicy'] ?? (isDual ? 'RequireDualStack' : 'SingleStack');
  const [primary = 'IPv4', ...rest] = new Set([
    ...(families as readonly Family[]), // what else it may be is refused by checkAddresses
    ...asked.filter(address => address !== 'None').map(familyOf),
    ...ranges.keys(),
  ]);
  const ipFamilies = ipFamilyPolicy === 'SingleStack' ? [primary] : [primary, ...rest];
  const taken = new Set(others.flatMap(other => listAt(other, 'spec.clusterIPs').map(String)));
  const clusterIPs =
    asked[0] === 'None'
      ? ['None']
      : ipFamilies.map(
          family => asked.find(address => familyOf(address) === family) ?? freeAddress(ranges.get(family), taken),
        );
  return { clusterIP: clusterIPs[0], clusterIPs, ipFamilies, ipFamilyPolicy };
}

/** What is wrong with the addresses of a Service that has gone through `addressFields`. */
export function checkAddresses(
  service: JsonObject,
  ranges: ServiceRanges,
  others: readonly ApiObject[],
): readonly StatusCause[] {
  const families = listAt(service, 'spec.ipFamilies').map(String);
  const clusterIPs = listAt(service, 'spec.clusterIPs').map(String);
  const taken = new Set(others.flatMap(other => listAt(other, 'spec.clusterIPs').map(String)));
  const policy = textAt(service, 'spec.ipFamilyPolicy');
  const known: readonly string[] = [...ranges.keys()];
  return [
    ...(policy === 'RequireDualStack' && ranges.size < 2
      ? [invalidValue('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...families.flatMap((family, index) =>
      known.includes(family)
        ? []
        : [invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')],
    ),
    ...(clusterIPs.some(address => address !== 'None' && taken.has(address))
      ? [invalidValue('spec.clusterIPs', clusterIPs, 'provided IP is already allocated')]
      : []),
  ];
}

/** Addresses stay with their Service; only the secondary one may come and go. */
export function checkAddressUpdate(service: JsonObject, previous: ApiObject): readonly StatusCause[] {
  const [now, before] = [askedAddresses(objectOr(service['spec'])), askedAddresses(objectOr(previous['spec']))];
  const isMoved = before.some((address, index) => (index === 0 || now.length > 1) && now[index] !== address);
  return isMoved ? [invalidValue('spec.clusterIPs', now, 'field is immutable')] : [];
}

/** `clusterIP` is the first of `clusterIPs`, and enough by itself. */
function askedAddresses(spec: JsonObject): readonly string[] {
  const [first, ...rest] = listOr(spec['clusterIPs']).map(String);
  const clusterIP = textAt(spec, 'clusterIP') || first;
  return clusterIP === undefined ? [] : [clusterIP, ...rest];
}

/** The empty text when nothing is free: it fails validation as a taken address would. */
function freeAddress(range: ServiceRange | undefined, taken: ReadonlySet<string>): string {
  if (range === undefined) return '';
  for (let offset = 1; offset < range.size - 1; offset++) {
    const hex = (range.base + BigInt(offset)).toString(16).padStart(2 * range.width, '0');
    const address = addressText(Buffer.from(hex, 'hex'));
    if (!taken.has(address)) return address;
  }
  return '';
}
