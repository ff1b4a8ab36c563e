import { familyOf } from './cidr.ts';
import { CniError } from './errors.ts';
import type { CniResult } from './result.ts';
import { type CniVersion, featuresOf, isSupportedVersion, SUPPORTED_VERSIONS } from './versions.ts';

/** A result as it stands in JSON in some version. */
export type VersionedResult = Readonly<Record<string, unknown>>;

/**
 * A result as JSON text in the given version, with `cniVersion`. What the version has no field for is left out: MTUs,
 * metrics and tables before 1.1.0; before 0.3.0 also interfaces, all but the first address of each family, and routes of
 * a family without address.
 * @throws CniError CNI_INCOMPATIBLE_VERSION when we do not speak the version, or when it can only tell of addresses
 * (before 0.3.0) and there is none
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
  return {
    cniVersion: version,
    ...(features.hasInterfaces ? listsOf(result, features) : familiesOf(result, version)),
    ...((features.printsEmptyDns || Object.keys(result.dns).length > 0) && { dns: result.dns }),
  };
}

function listsOf(result: CniResult, { hasIpFamily, hasDetails }: ReturnType<typeof featuresOf>): VersionedResult {
  const interfaces = result.interfaces.map(({ name, mac, mtu, sandbox, socketPath, pciID }) =>
    withoutUndefined(hasDetails ? { name, mac, mtu, sandbox, socketPath, pciID } : { name, mac, sandbox }),
  );
  const ips = result.ips.map(({ address, gateway, interface: index }) => {
    const version = hasIpFamily ? String(familyOf(address)) : undefined;
    return withoutUndefined({ version, interface: index, address, gateway });
  });
  const routes = result.routes.map(({ dst, gw, mtu, advmss, priority, table, scope }) =>
    withoutUndefined(hasDetails ? { dst, gw, mtu, advmss, priority, table, scope } : { dst, gw }),
  );
  return {
    ...(interfaces.length > 0 && { interfaces }),
    ...(ips.length > 0 && { ips }),
    ...(routes.length > 0 && { routes }),
  };
}

/** One address of each family, with its routes. */
function familiesOf(result: CniResult, version: CniVersion): VersionedResult {
  if (result.ips.length === 0) {
    const message = `Cannot print a result in CNI version "${version}": it has no address, expected one, or a version from 0.3.0 on`;
    throw new CniError('CNI_INCOMPATIBLE_VERSION', message, { details: { version } });
  }
  return withoutUndefined({ ip4: oneFamily(result, 4), ip6: oneFamily(result, 6) });
}

function oneFamily(result: CniResult, family: 4 | 6): VersionedResult | undefined {
  const ip = result.ips.find(({ address }) => familyOf(address) === family);
  if (ip === undefined) return undefined;
  const routes = result.routes
    .filter(({ dst }) => familyOf(dst) === family)
    .map(({ dst, gw }) => withoutUndefined({ dst, gw }));
  return withoutUndefined({ ip: ip.address, gateway: ip.gateway, routes: routes.length > 0 ? routes : undefined });
}

function withoutUndefined(fields: VersionedResult): VersionedResult {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
