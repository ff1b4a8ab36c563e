import type { Pod } from '#api';
import type { CniRequest, JsonObject, NetworkConfig } from '#cni';
import { isJsonObject } from '#cni';
import { type DeviceRequest, DevicesError, deviceInfoOfAttachment, deviceInfoOfPlugin, handOutDevices } from '#devices';
import type { NodeDevices } from '../deps.ts';
import { refOf } from '../verbs/request-keys.ts';
import type { NamedNetwork } from './find-network.ts';

/** A device that a device plugin gave to the pod, for one of its networks. */
export interface GivenDevice {
  readonly id: string;
  /** `intel.com/sriov` */
  readonly resource: string;
}

/** Where an attachment's plugins tell of its device, and where the device plugin has told of it before. */
export interface DeviceInfoFile {
  readonly path: string;
  readonly from?: string;
}

/** kubelet knows a static pod by the hash of its file. */
const STATIC_POD_UIDS = ['kubernetes.io/config.hash', 'kubernetes.io/config.mirror'];
const INFO_CAPABILITY = 'CNIDeviceInfoFile';

/**
 * One device for each network whose NetworkAttachmentDefinition names a resource, in the order of the networks. kubelet is
 * asked once, and only if there is such a network.
 * @throws DevicesError
 */
export async function giveDevices(
  networks: readonly { readonly network: NamedNetwork; readonly deviceId?: string }[],
  request: CniRequest,
  pod: Pod | undefined,
  devices: NodeDevices,
  signal: AbortSignal,
): Promise<readonly (GivenDevice | undefined)[]> {
  const needs = networks.map(({ network: { source, resource }, deviceId }): DeviceRequest | undefined =>
    resource === undefined ? undefined : { source, resource, ...(deviceId === undefined ? {} : { deviceId }) },
  );
  const requests = needs.filter(need => need !== undefined);
  const ref = refOf(pod, request);
  if (requests.length === 0 || ref === undefined) return needs.map(() => undefined);
  const uids = new Set([
    ref.uid,
    request.args.pod?.uid,
    ...STATIC_POD_UIDS.map(key => pod?.metadata.annotations?.[key]),
  ]);
  uids.delete(undefined);
  const asked = { ...ref, uids: new Set([...uids].filter(uid => uid !== undefined)) };
  const given = await devices.kubelet.ofPod(asked, signal).catch((error: unknown) => {
    throw forResource(requests[0], error);
  });
  const ids = handOutDevices(requests, given).values();
  return needs.map(need => (need === undefined ? undefined : { id: ids.next().value ?? '', resource: need.resource }));
}

/** kubelet's side does not know what the devices are wanted for; an operator needs to. */
function forResource(first: DeviceRequest | undefined, error: unknown): unknown {
  if (first === undefined || !(error instanceof DevicesError)) return error;
  const { code, message, details, retriable } = error;
  const why = message.replace(/^Cannot/, 'cannot');
  return new DevicesError(code, `Cannot give ${first.source} a device of resource "${first.resource}": ${why}`, {
    cause: error,
    details,
    retriable,
  });
}

/** The network with its device in every plugin, under the two names that plugins know it by. */
export function withDevice(network: NetworkConfig, device: GivenDevice | undefined): NetworkConfig {
  if (device === undefined) return network;
  const names = { deviceID: device.id, pciBusID: device.id };
  return { ...network, plugins: network.plugins.map(plugin => ({ ...plugin, ...names })) };
}

/**
 * The file in which an attachment's plugins tell of its device: where it has one, or where a plugin wants to tell.
 * NPWG Device Information Specification 1.1.0.
 */
export function deviceInfoFile(
  network: NamedNetwork,
  device: GivenDevice | undefined,
  at: { readonly containerId: string; readonly ifname: string },
  { infoDir }: NodeDevices,
): DeviceInfoFile | undefined {
  const wants = network.config.plugins.some(({ capabilities }) => declares(capabilities, INFO_CAPABILITY));
  if (device === undefined && !wants) return undefined;
  const path = deviceInfoOfAttachment(infoDir, network.nad ?? network.config.name, at.containerId, at.ifname);
  return { path, ...(device === undefined ? {} : { from: deviceInfoOfPlugin(infoDir, device.resource, device.id) }) };
}

/** What of it goes to plugins that declare the capabilities. */
export function deviceArgs(device: GivenDevice | undefined, info: DeviceInfoFile | undefined): JsonObject {
  return {
    ...(device === undefined ? {} : { deviceID: device.id }),
    ...(info === undefined ? {} : { [INFO_CAPABILITY]: info.path }),
  };
}

function declares(capabilities: unknown, name: string): boolean {
  return isJsonObject(capabilities) && capabilities[name] === true;
}
