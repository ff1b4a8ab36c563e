import { familyOf } from './cidr.ts';
import { CniError } from './errors.ts';
import type { CniResult } from './result.ts';
import { featuresOf, isSupportedVersion, SUPPORTED_VERSIONS } from './versions.ts';

/** A result as it stands in JSON in some version. */
export type VersionedResult = Readonly<Record<string, unknown>>;

/**
 * A result as JSON text in the given version, with `cniVersion`. What the version has no field for (MTUs, metrics and
 * tables before 1.1.0) is left out.
 * @throws CniError CNI_INCOMPATIBLE_VERSION when we do not speak the version
 */
export function formatResult(result: CniResult, version: string): string {
  return `${JSON.stringify(toVersionedResult(result, version), undefined, 4)}\n`;
}

/** The same as a plain object, as it goes into `prevResult`. */
export function toVersionedResult(result: CniResult, version: string): VersionedResult {
  if (!isSupportedVersion(version)) {
    const message = `Cannot print a result in CNI version "${version}": expected one of ${SUPPORTED_VERSIONS.join(', ')}`;
    throw new CniError('CNI_INCOMPATIBLE_VERSION', message, { details: { version } });
  }
  const features = featuresOf(version);
  const interfaces = result.interfaces.map(({ name, mac, sandbox }) => withoutUndefined({ name, mac, sandbox }));
  const ips = result.ips.map(({ address, gateway, interface: index }) =>
    withoutUndefined({
      version: features.hasIpFamily ? String(familyOf(address)) : undefined,
      interface: index,
      address,
      gateway,
    }),
  );
  const routes = result.routes.map(({ dst, gw }) => withoutUndefined({ dst, gw }));
  return {
    cniVersion: version,
    ...(interfaces.length > 0 && { interfaces }),
    ...(ips.length > 0 && { ips }),
    ...(routes.length > 0 && { routes }),
    ...((features.printsEmptyDns || Object.keys(result.dns).length > 0) && { dns: result.dns }),
  };
}

function withoutUndefined(fields: VersionedResult): VersionedResult {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
