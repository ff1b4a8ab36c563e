import type { NodeDevices } from '../deps.ts';
import type { JournalEntry } from '../journal/entry.ts';

/** What kubelet says of the pod's devices, less those that its networks have. */
export function withoutUsed(devices: NodeDevices, entries: readonly JournalEntry[]): NodeDevices {
  const used = new Set(
    entries.flatMap(({ attachments }) => attachments.flatMap(({ deviceId, devices: own = [] }) => [...own, deviceId])),
  );
  return {
    ...devices,
    kubelet: {
      ...devices.kubelet,
      ofPod: async (pod, signal) =>
        (await devices.kubelet.ofPod(pod, signal)).map(
          container => new Map([...container].map(([resource, ids]) => [resource, ids.filter(id => !used.has(id))])),
        ),
    },
  };
}
