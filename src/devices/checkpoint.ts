import { showValue } from '#base';
import { DevicesError } from './errors.ts';
import { containerDevices, type PodDevices } from './pod-devices.ts';

/**
 * The devices of one pod by kubelet's own record of them, `kubelet_internal_checkpoint`; undefined when it has none of
 * the pod. `DeviceIDs` is a list up to Kubernetes 1.19 and one list for each NUMA node since.
 * @param uids those that the pod may be known by: a static pod's differs from that of its mirror
 * @throws DevicesError DEVICES_FORMAT naming file, field and value
 */
export function parseCheckpoint(text: string, uids: ReadonlySet<string>, path: string): PodDevices | undefined {
  const root = objectOf(parseJson(text, path), 'the file', path);
  const data = objectOf(root['Data'], 'Data', path);
  const entries = data['PodDeviceEntries'] ?? [];
  if (!Array.isArray(entries)) throw wrong('Data.PodDeviceEntries', entries, 'a list', path);
  const containers = new Map<string, (readonly [string, readonly string[]])[]>();
  for (const [index, value] of entries.entries()) {
    const field = `Data.PodDeviceEntries[${index}]`;
    const entry = objectOf(value, field, path);
    if (!uids.has(textOf(entry['PodUID'], `${field}.PodUID`, path))) continue;
    const container = textOf(entry['ContainerName'], `${field}.ContainerName`, path);
    const resource = textOf(entry['ResourceName'], `${field}.ResourceName`, path);
    const given = containers.get(container) ?? [];
    given.push([resource, idsOf(entry['DeviceIDs'], `${field}.DeviceIDs`, path)]);
    containers.set(container, given);
  }
  // Written from a map: the order of the file changes from one write to the next.
  const names = [...containers.keys()].sort();
  return names.length === 0 ? undefined : names.map(name => containerDevices(containers.get(name) ?? []));
}

function idsOf(value: unknown, field: string, path: string): readonly string[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value)) return value.map((id: unknown, index) => textOf(id, `${field}[${index}]`, path));
  const byNode = objectOf(value, field, path);
  return Object.entries(byNode).flatMap(([node, ids]) => {
    if (ids !== null && !Array.isArray(ids)) throw wrong(`${field}.${node}`, ids, 'a list', path);
    return idsOf(ids, `${field}.${node}`, path);
  });
}

function parseJson(text: string, path: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    throw new DevicesError('DEVICES_FORMAT', `Cannot read "${path}": it is not JSON (${String(error)})`, {
      cause: error,
    });
  }
}

function objectOf(value: unknown, field: string, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw wrong(field, value, 'an object', path);
}

function textOf(value: unknown, field: string, path: string): string {
  if (typeof value === 'string') return value;
  throw wrong(field, value, 'text', path);
}

function wrong(field: string, value: unknown, expected: string, path: string): DevicesError {
  return new DevicesError(
    'DEVICES_FORMAT',
    `Cannot read "${path}": ${field} is ${showValue(value)}, expected ${expected}`,
  );
}
