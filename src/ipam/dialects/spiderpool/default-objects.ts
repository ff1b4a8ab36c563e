import type { SpiderAddresses, SpiderIPPool, SpiderReservedIP, SpiderSubnet } from '#api';
import type { Family } from '#ip';
import { formatAddressRanges, readAddressRanges } from './address-ranges.ts';
import { cidrLabel, IPPOOL_CIDR_LABEL, labelValue, OWNER_SUBNET_LABEL, SUBNET_CIDR_LABEL } from './labels.ts';
import { isSameSubnet } from './pool-overlap.ts';
import { readAddresses } from './read-addresses.ts';
import { familyOfReserved } from './validate-reserved-ip.ts';

/**
 * A pool as it is meant: its family, its addresses merged and in order, labelled by its network; in a SpiderSubnet's network
 * also that subnet's gateway and routes, where it has none of its own. An object that cannot be read stays as it is.
 */
export function defaultSpiderIPPool(pool: SpiderIPPool, subnets: readonly SpiderSubnet[]): SpiderIPPool {
  const own = readAddresses(pool.spec).addresses;
  if (own === undefined) return pool;
  const subnet = subnets.find(({ spec }) => {
    const theirs = readAddresses(spec).addresses;
    return theirs !== undefined && isSameSubnet(own, theirs);
  });
  const labels = {
    ...pool.metadata.labels,
    [IPPOOL_CIDR_LABEL]: cidrLabel(pool.spec.subnet),
    ...(subnet === undefined ? {} : { [OWNER_SUBNET_LABEL]: labelValue(subnet.metadata.name) }),
  };
  const { gateway = subnet?.spec.gateway, routes = subnet?.spec.routes } = pool.spec;
  const spec = {
    ...mergeAddresses(pool.spec, own.subnet.family),
    ...(gateway === undefined ? {} : { gateway }),
    ...(routes === undefined ? {} : { routes }),
  };
  return { ...pool, metadata: { ...pool.metadata, labels }, spec };
}

/** A subnet as it is meant. */
export function defaultSpiderSubnet(subnet: SpiderSubnet): SpiderSubnet {
  const own = readAddresses(subnet.spec).addresses;
  if (own === undefined) return subnet;
  const labels = { ...subnet.metadata.labels, [SUBNET_CIDR_LABEL]: cidrLabel(subnet.spec.subnet) };
  return { ...subnet, metadata: { ...subnet.metadata, labels }, spec: mergeAddresses(subnet.spec, own.subnet.family) };
}

/** A SpiderReservedIP as it is meant. */
export function defaultSpiderReservedIP(reserved: SpiderReservedIP): SpiderReservedIP {
  const family = familyOfReserved(reserved.spec);
  if (family === undefined) return reserved;
  const ips = merge(reserved.spec.ips, family);
  return { ...reserved, spec: { ...reserved.spec, ipVersion: family, ...(ips === undefined ? {} : { ips }) } };
}

function mergeAddresses<T extends SpiderAddresses>(spec: T, family: Family): T {
  const [ips, excludeIPs] = [merge(spec.ips, family), merge(spec.excludeIPs, family)];
  return {
    ...spec,
    ipVersion: family,
    ...(ips === undefined ? {} : { ips }),
    ...(excludeIPs === undefined ? {} : { excludeIPs }),
  };
}

/** One entry stays as it is written. */
function merge(entries: readonly string[] | undefined, family: Family): readonly string[] | undefined {
  if (entries === undefined || entries.length < 2) return entries;
  const { set, problems } = readAddressRanges(entries, [], family);
  return problems.length > 0 ? entries : formatAddressRanges(set, family);
}
