/** The protocol versions that we speak, and everything in which they differ, in one table. */
interface VersionFeatures {
  /** `ips[].version` holds "4" or "6" (left out from 1.0.0 on). */
  readonly hasIpFamily: boolean;
  /** `dns` is printed even when it is empty. */
  readonly printsEmptyDns: boolean;
  /** CHECK exists (since 0.4.0). */
  readonly allowsCheck: boolean;
  /** GC and STATUS exist (since 1.1.0). */
  readonly allowsGcAndStatus: boolean;
}

const early = { hasIpFamily: true, printsEmptyDns: true, allowsCheck: false, allowsGcAndStatus: false };

const FEATURES = {
  '0.3.0': early,
  '0.3.1': early,
  '0.4.0': { ...early, allowsCheck: true },
  '1.0.0': { hasIpFamily: false, printsEmptyDns: false, allowsCheck: true, allowsGcAndStatus: false },
} as const satisfies Readonly<Record<string, VersionFeatures>>;

export type CniVersion = keyof typeof FEATURES;

/** Ascending; what VERSION answers. */
export const SUPPORTED_VERSIONS: readonly CniVersion[] = ['0.3.0', '0.3.1', '0.4.0', '1.0.0'];

/** Used where a request does not tell its own version. */
export const NEWEST_VERSION: CniVersion = '1.0.0';

export function isSupportedVersion(version: string): version is CniVersion {
  return Object.hasOwn(FEATURES, version);
}

/** In what this version differs from others. */
export function featuresOf(version: CniVersion): VersionFeatures {
  return FEATURES[version];
}

/** What a plugin prints for VERSION. Spec: https://www.cni.dev/docs/spec/#version-success */
export function formatVersionReply(): string {
  return `${JSON.stringify({ cniVersion: NEWEST_VERSION, supportedVersions: SUPPORTED_VERSIONS })}\n`;
}
