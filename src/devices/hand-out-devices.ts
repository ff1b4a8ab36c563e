import { DevicesError } from './errors.ts';
import type { PodDevices } from './pod-devices.ts';

/** A network that needs a device. */
export interface DeviceRequest {
  /** For errors: `NetworkAttachmentDefinition "default/sriov"`. */
  readonly source: string;
  /** `intel.com/sriov` */
  readonly resource: string;
  /** The device that the pod asks for by its ID. */
  readonly deviceId?: string;
}

/**
 * One device for each request, in the order of the requests, none of them twice. Those that are asked for by ID are set
 * aside first, so that no other network takes them.
 * @throws DevicesError DEVICES_EXHAUSTED, DEVICE_NOT_GIVEN
 */
export function handOutDevices(requests: readonly DeviceRequest[], pod: PodDevices): readonly string[] {
  const handed = new Map<DeviceRequest, string>();
  const taken = new Set<string>();
  const take = (request: DeviceRequest, id: string): void => {
    taken.add(key(request.resource, id));
    handed.set(request, id);
  };
  for (const request of requests) {
    const { deviceId, resource } = request;
    if (deviceId === undefined) continue;
    const has = devicesOf(pod, resource);
    if (!has.includes(deviceId)) throw notGiven(request, deviceId, `the pod has ${listed(has, resource)}`);
    if (taken.has(key(resource, deviceId))) throw notGiven(request, deviceId, 'another of its networks asks for it');
    take(request, deviceId);
  }
  for (const request of requests) {
    if (handed.has(request)) continue;
    const free = devicesOf(pod, request.resource).find(id => !taken.has(key(request.resource, id)));
    if (free === undefined) throw exhausted(request, requests, devicesOf(pod, request.resource));
    take(request, free);
  }
  return requests.map(request => handed.get(request) ?? '');
}

/** A pod's devices of one resource, the first container's first; what two containers share counts once. */
function devicesOf(pod: PodDevices, resource: string): readonly string[] {
  return [...new Set(pod.flatMap(container => container.get(resource) ?? []))];
}

function key(resource: string, id: string): string {
  return `${resource} ${id}`;
}

function exhausted(request: DeviceRequest, requests: readonly DeviceRequest[], has: readonly string[]): DevicesError {
  const { source, resource } = request;
  // A pod may have devices by ResourceClaims, of which nothing is read here.
  const hint = has.length === 0 ? ' (devices of ResourceClaims are not read)' : '';
  const asked = requests.filter(other => other.resource === resource).length;
  return new DevicesError(
    'DEVICES_EXHAUSTED',
    `Cannot use ${source}: the pod's networks need ${asked} of resource "${resource}", but it has ${listed(has, resource)}, expected as many in its containers' resources${hint}`,
    { details: { resource, asked, available: has.length } },
  );
}

function notGiven({ source, resource }: DeviceRequest, deviceId: string, why: string): DevicesError {
  return new DevicesError(
    'DEVICE_NOT_GIVEN',
    `Cannot use ${source}: deviceID is "${deviceId}", but ${why}, expected one of its own of resource "${resource}"`,
    { details: { resource, deviceId } },
  );
}

function listed(has: readonly string[], resource: string): string {
  return has.length === 0 ? `none of "${resource}"` : `${has.length} (${has.join(', ')})`;
}
