import type { IPAllocation, SpiderEndpointAddresses, SpiderEndpointStatus, SpiderRoute } from '#api';

/** What a SpiderEndpoint says beside what the claims say. */
export interface EndpointFacts {
  /** The controller at the top of those that the pod belongs to, or the pod itself. */
  readonly owner: { readonly kind: string; readonly name: string };
  /** Whether the interface has no default route although its pool names a gateway. */
  isGatewayClean(ifname: string): boolean;
  /** Routes beside the default one that go with addresses of a pool. */
  routesOf(pool: string): readonly SpiderRoute[];
}

/**
 * The status of the SpiderEndpoint of a pod, or of a workload's pods one after the other, from its claims: at least one. One
 * item for each interface, its first one in front, and more where it has several addresses of one family. What the endpoint
 * says already of an address stays: that is what the pod got with it, though pools are edited since.
 */
export function toEndpointStatus(
  claims: readonly IPAllocation[],
  facts: EndpointFacts,
  before: SpiderEndpointStatus | undefined,
): SpiderEndpointStatus | undefined {
  const sorted = [...claims].sort((a, b) => compareClaims(a, b));
  const [first] = sorted;
  if (first === undefined) return undefined;
  const { podUid, podName = '' } = first.spec.owner;
  const uid = podUid ?? '';
  const known = before?.current.uid === uid ? before.current.ips : [];
  const interfaces = [...new Set(sorted.map(({ spec }) => spec.owner.interface))];
  const ips = interfaces.flatMap(ifname => {
    const own = sorted.filter(({ spec }) => spec.owner.interface === ifname);
    const [v4, v6] = [own.filter(claim => !isV6(claim)), own.filter(isV6)];
    return Array.from({ length: Math.max(v4.length, v6.length) }, (_, index) =>
      keptOf(known, toAddresses(ifname, v4[index], v6[index], facts)),
    );
  });
  const { kind, name } = facts.owner;
  return {
    current: { uid, node: first.spec.node, ips },
    ownerControllerType: kind,
    ownerControllerName: name === '' ? podName : name,
  };
}

function toAddresses(
  ifname: string,
  v4: IPAllocation | undefined,
  v6: IPAllocation | undefined,
  facts: EndpointFacts,
): SpiderEndpointAddresses {
  const routes = [v4, v6].flatMap(claim => (claim === undefined ? [] : facts.routesOf(claim.spec.pool.name)));
  return {
    interface: ifname,
    ...(v4 === undefined ? {} : { ipv4: v4.spec.address, ipv4Pool: v4.spec.pool.name }),
    ...(v6 === undefined ? {} : { ipv6: v6.spec.address, ipv6Pool: v6.spec.pool.name }),
    ...(v4?.spec.gateway === undefined ? {} : { ipv4Gateway: v4.spec.gateway }),
    ...(v6?.spec.gateway === undefined ? {} : { ipv6Gateway: v6.spec.gateway }),
    cleanGateway: facts.isGatewayClean(ifname),
    vlan: 0,
    ...(routes.length === 0 ? {} : { routes }),
  };
}

/** The item as the endpoint has it, where it is about the very same addresses. */
function keptOf(known: readonly SpiderEndpointAddresses[], item: SpiderEndpointAddresses): SpiderEndpointAddresses {
  const before = known.find(
    other =>
      other.interface === item.interface &&
      other.ipv4 === item.ipv4 &&
      other.ipv6 === item.ipv6 &&
      other.ipv4Pool === item.ipv4Pool &&
      other.ipv6Pool === item.ipv6Pool,
  );
  if (before === undefined) return item;
  const { routes: _, ...rest } = item;
  const { cleanGateway = false, routes } = before;
  return { ...rest, cleanGateway, ...(routes === undefined ? {} : { routes }) };
}

/** By interface, eth0 before net1 and net2 before net10, then by slot. */
function compareClaims(a: IPAllocation, b: IPAllocation): number {
  const [left, right] = [a.spec.owner, b.spec.owner];
  return (
    left.interface.localeCompare(right.interface, 'en', { numeric: true }) ||
    left.slot - right.slot ||
    a.metadata.name.localeCompare(b.metadata.name, 'en')
  );
}

function isV6({ spec }: IPAllocation): boolean {
  return spec.address.includes(':');
}
