/** The protocol versions that we speak, and everything in which they differ, in one table. */
interface VersionFeatures {
  /** `interfaces`, `ips` and `routes` are lists, and a plugin gets what ran before it; before 0.3.0 there were `ip4` and `ip6` alone. */
  readonly hasInterfaces: boolean;
  /** `ips[].version` holds "4" or "6" (left out from 1.0.0 on). */
  readonly hasIpFamily: boolean;
  /** `dns` is printed even when it is empty. */
  readonly printsEmptyDns: boolean;
  /** CHECK exists, and DEL gets the ADD's result (since 0.4.0). */
  readonly allowsCheck: boolean;
  /** GC and STATUS exist (since 1.1.0). */
  readonly allowsGcAndStatus: boolean;
  /** Interfaces tell MTU, socket and PCI device, routes MTU, metric, table and the like (since 1.1.0). */
  readonly hasDetails: boolean;
}

const first = {
  hasInterfaces: false,
  hasIpFamily: false,
  printsEmptyDns: true,
  allowsCheck: false,
  allowsGcAndStatus: false,
  hasDetails: false,
};
const early = { ...first, hasInterfaces: true, hasIpFamily: true };
const late = { ...early, hasIpFamily: false, printsEmptyDns: false, allowsCheck: true };

const FEATURES = {
  '0.1.0': first,
  '0.2.0': first,
  '0.3.0': early,
  '0.3.1': early,
  '0.4.0': { ...early, allowsCheck: true },
  '1.0.0': late,
  '1.1.0': { ...late, allowsGcAndStatus: true, hasDetails: true },
} as const satisfies Readonly<Record<string, VersionFeatures>>;

export type CniVersion = keyof typeof FEATURES;

/** Ascending; what VERSION answers. */
export const SUPPORTED_VERSIONS: readonly CniVersion[] = [
  '0.1.0',
  '0.2.0',
  '0.3.0',
  '0.3.1',
  '0.4.0',
  '1.0.0',
  '1.1.0',
];

/** Used where a request does not tell its own version. */
export const NEWEST_VERSION: CniVersion = '1.1.0';

export function isSupportedVersion(version: string): version is CniVersion {
  return Object.hasOwn(FEATURES, version);
}

/** In what this version differs from others. */
export function featuresOf(version: CniVersion): VersionFeatures {
  return FEATURES[version];
}

/** Whether plugins of this version may be asked for the command; ADD, DEL and VERSION have always been there. */
export function allowsCommand(version: CniVersion, command: 'CHECK' | 'GC' | 'STATUS'): boolean {
  const { allowsCheck, allowsGcAndStatus } = FEATURES[version];
  return command === 'CHECK' ? allowsCheck : allowsGcAndStatus;
}

/** What a plugin prints for VERSION. Spec: https://www.cni.dev/docs/spec/#version-success */
export function formatVersionReply(): string {
  return `${JSON.stringify({ cniVersion: NEWEST_VERSION, supportedVersions: SUPPORTED_VERSIONS })}\n`;
}
