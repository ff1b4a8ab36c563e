import { isJsonObject, type JsonObject, type NetworkConfig } from '#cni';
import type { NetworkSelection } from '#networks';

/** A selection's members by the name of the capability that hands them to a plugin. */
const CAPABILITIES = {
  ips: 'ips',
  mac: 'mac',
  infinibandGUID: 'infinibandGuid',
  portMappings: 'portMappings',
  bandwidth: 'bandwidth',
  deviceID: 'deviceId',
} as const satisfies Record<string, keyof NetworkSelection>;

/** Reach a plugin in CNI_ARGS too, and ours without any capability. */
const REACH_ANYWAY: ReadonlySet<string> = new Set(['ips', 'mac']);

/** What a pod asks of a network, as `runtimeConfig` has it. CNI conventions: https://www.cni.dev/docs/conventions/ */
export function capabilityArgsOf(selection: NetworkSelection): JsonObject {
  return Object.fromEntries(
    Object.entries(CAPABILITIES).flatMap(([capability, member]) =>
      selection[member] === undefined ? [] : [[capability, selection[member]]],
    ),
  );
}

/**
 * Capabilities that a pod asks for and no plugin of the network declares. The standard lets such an attachment fail;
 * under Multus it came up without, so that manifests which do so exist: they go on to work, with a warning.
 */
export function uselessCapabilities(selection: NetworkSelection, network: NetworkConfig): readonly string[] {
  return Object.keys(capabilityArgsOf(selection)).filter(
    capability =>
      !REACH_ANYWAY.has(capability) &&
      !network.plugins.some(({ capabilities }) => isJsonObject(capabilities) && capabilities[capability] === true),
  );
}
