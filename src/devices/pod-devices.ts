/** The devices that one container of a pod was given, by resource name: `intel.com/sriov` to `0000:03:02.1`, ... */
export type ContainerDevices = ReadonlyMap<string, readonly string[]>;

/** A pod's containers with what device plugins gave to them, in the order in which kubelet tells of them. */
export type PodDevices = readonly ContainerDevices[];

/**
 * What a container was given. kubelet keeps devices in maps and tells of them in another order each time it is asked, and
 * once for each NUMA node that a device is near: so they are sorted within a container, and only there. Two ADDs of one
 * pod then hand out alike, and what was given to the first container comes first.
 */
export function containerDevices(
  given: Iterable<readonly [resource: string, ids: readonly string[]]>,
): ContainerDevices {
  const byResource = new Map<string, Set<string>>();
  for (const [resource, ids] of given) {
    const known = byResource.get(resource) ?? new Set<string>();
    for (const id of ids) known.add(id);
    byResource.set(resource, known);
  }
  return new Map([...byResource].map(([resource, ids]) => [resource, [...ids].sort()]));
}
