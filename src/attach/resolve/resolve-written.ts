import { type CniRequest, isSupportedVersion, type JsonObject, NEWEST_VERSION, type NetworkConfig } from '#cni';
import { requestedOf } from './asked-by.ts';
import type { AttachmentPlan } from './attachment-plan.ts';
import { planNetwork } from './plan-networks.ts';
import type { ResolveDeps } from './resolve-deps.ts';

/** The attachment of a request that names a plugin of its own: exactly that plugin on the given config. */
export function resolveSinglePlugin(request: CniRequest, deps: ResolveDeps): AttachmentPlan {
  const { cniVersion, name, plugin } = request.config;
  const network: NetworkConfig = {
    kind: 'single',
    cniVersion: isSupportedVersion(cniVersion) ? cniVersion : NEWEST_VERSION,
    name,
    plugins: [{ ...plugin, type: request.plugin }],
    disableCheck: false,
    raw: plugin,
  };
  return planNetwork(
    { config: network, source: `network "${name}"` },
    {
      ifname: request.ifname,
      isDefault: true,
      capabilityArgs: request.config.runtimeConfig,
      ...requestedOf(request),
    },
    deps,
  );
}

/** A network written out by somebody who attaches it to a pod's interface besides what its annotations ask for. */
export interface WrittenNetwork {
  readonly config: NetworkConfig;
  readonly source: string;
  readonly ifname: string;
  readonly ips: readonly string[];
  readonly mac?: string;
  readonly cniArgs?: JsonObject;
}

/** @throws AttachError and the parsers' errors */
export function resolveWritten(
  { config, source, ifname, ips, mac, cniArgs }: WrittenNetwork,
  deps: ResolveDeps,
): AttachmentPlan {
  const asked = { asked: { ips }, capabilityArgs: {} };
  const optional = { ...(mac === undefined ? {} : { mac }), ...(cniArgs === undefined ? {} : { cniArgs }) };
  return planNetwork({ config, source }, { ifname, isDefault: false, ...asked, ...optional }, deps);
}
