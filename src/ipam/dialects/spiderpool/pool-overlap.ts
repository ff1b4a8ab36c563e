import { type ObjectProblem, type SpiderIPPool, wrongField } from '#api';
import { contains, intersection } from '#ip';
import { showAddressRanges } from './address-ranges.ts';
import { type ReadAddresses, readAddresses } from './read-addresses.ts';

/** Pools of one network share it address by address; two networks that are not the same must not touch. */
export function overlapProblems(
  pool: SpiderIPPool,
  own: ReadAddresses,
  others: readonly SpiderIPPool[],
): readonly ObjectProblem[] {
  return others.flatMap(other => {
    if (other.metadata.name === pool.metadata.name) return [];
    const theirs = readAddresses(other.spec).addresses;
    if (theirs === undefined || theirs.subnet.family !== own.subnet.family) return [];
    if (isSameSubnet(own, theirs)) {
      const shared = intersection(own.total, theirs.total);
      if (shared.length === 0) return [];
      const ranges = showAddressRanges(shared, own.subnet.family);
      const expected = `addresses of its own: they overlap with IPPool ${other.metadata.name} in IP ranges [${ranges}], of which spec.ips and spec.excludeIPs decide together`;
      return [wrongField(['spec', 'ips'], pool.spec.ips, expected)];
    }
    if (!contains(own.subnet, theirs.subnet) && !contains(theirs.subnet, own.subnet)) return [];
    const expected = `a network of its own or the very same: it overlaps with IPPool ${other.metadata.name} whose spec.subnet is ${other.spec.subnet}`;
    return [wrongField(['spec', 'subnet'], pool.spec.subnet, expected)];
  });
}

/** Whether both are the same network. */
export function isSameSubnet(a: Pick<ReadAddresses, 'subnet'>, b: Pick<ReadAddresses, 'subnet'>): boolean {
  return (
    a.subnet.family === b.subnet.family && a.subnet.network === b.subnet.network && a.subnet.length === b.subnet.length
  );
}
