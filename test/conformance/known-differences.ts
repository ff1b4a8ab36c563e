import { isJsonObject, type JsonObject, SUPPORTED_VERSIONS } from '#cni';

/** Something that the reference plugins print and ours do not. */
export interface KnownDifference {
  readonly name: string;
  /** Whose fault it is: the reference's, against the specification, or ours, on purpose. */
  readonly of: 'reference' | 'ours';
  readonly plugins: readonly string[];
  readonly versions: readonly string[];
  /** The reference's result as ours would be. */
  readonly correct: (result: JsonObject) => JsonObject;
}

const EARLY = ['0.3.0', '0.3.1', '0.4.0'];

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = [
  {
    // The kernel makes it when the link comes up; our results are known before anything is made.
    of: 'ours',
    name: 'loopback does not tell of ::1',
    plugins: ['loopback'],
    versions: SUPPORTED_VERSIONS,
    correct: result => ({ ...result, ips: ipsOf(result).filter(ip => ip['address'] !== '::1/128') }),
  },
  {
    // An optional member that says nothing; later releases leave it out.
    of: 'reference',
    name: 'prints an empty dns in 1.0.0',
    plugins: ['host-local', 'loopback'],
    versions: ['1.0.0'],
    correct: ({ dns, ...result }) => (isJsonObject(dns) && Object.keys(dns).length === 0 ? result : { ...result, dns }),
  },
  {
    // Callers that decode 0.2.0 find no address.
    of: 'reference',
    name: 'loopback prints the shape of 1.0.0 before 0.3.0',
    plugins: ['loopback'],
    versions: ['0.1.0', '0.2.0'],
    correct: ({ cniVersion, ips, dns }) => ({ cniVersion, ...oldFamilies(ipsOf({ ips })), dns }),
  },
  {
    of: 'reference',
    name: 'loopback leaves ips[].version out before 1.0.0',
    plugins: ['loopback'],
    versions: EARLY,
    correct: result => ({ ...result, ips: ipsOf(result).map(ip => ({ version: familyOf(ip), ...ip })) }),
  },
];

function ipsOf({ ips }: JsonObject): readonly JsonObject[] {
  return Array.isArray(ips) ? ips.filter(isJsonObject) : [];
}

function oldFamilies(ips: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(ips.map(ip => [`ip${familyOf(ip)}`, { ip: ip['address'] }]));
}

function familyOf({ address }: JsonObject): string {
  return String(address).includes(':') ? '6' : '4';
}

/** A reference plugin's result without the known differences. @returns also which of them were met */
export function withoutDifferences(
  plugin: string,
  version: string,
  result: JsonObject,
): { readonly result: JsonObject; readonly met: readonly string[] } {
  const met: string[] = [];
  let corrected = result;
  for (const difference of KNOWN_DIFFERENCES) {
    if (!difference.plugins.includes(plugin) || !difference.versions.includes(version)) continue;
    const next = difference.correct(corrected);
    if (JSON.stringify(next) !== JSON.stringify(corrected)) met.push(difference.name);
    corrected = next;
  }
  return { result: corrected, met };
}
