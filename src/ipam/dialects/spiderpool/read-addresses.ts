import { type ObjectProblem, type SpiderAddresses, type SpiderRoute, wrongField } from '#api';
import { contains, findIp, findPrefix, formatPrefix, has, type IntervalSet, type Ip, type Prefix, subtract } from '#ip';
import { readAddressRanges } from './address-ranges.ts';
import { canonicalRoute } from './routes.ts';

/** What a pool or a subnet says of its addresses. */
export interface ReadAddresses {
  readonly subnet: Prefix;
  /** `ips`. */
  readonly listed: IntervalSet;
  /** `ips` without `excludeIPs`: what the object counts as its own. */
  readonly total: IntervalSet;
  readonly gateway?: Ip;
  readonly routes: readonly SpiderRoute[];
}

/**
 * Reads the fields that pools and subnets share.
 * @returns every problem of theirs; addresses only where there is none
 */
export function readAddresses(spec: SpiderAddresses): {
  readonly problems: readonly ObjectProblem[];
  readonly addresses?: ReadAddresses;
} {
  const subnet = findPrefix(spec.subnet);
  if (subnet === undefined) {
    return { problems: [wrongField(['spec', 'subnet'], spec.subnet, 'a network like 172.18.0.0/16 or fd00:30::/64')] };
  }
  const problems: ObjectProblem[] = [];
  if (subnet.address !== subnet.network || formatPrefix(subnet) !== spec.subnet) {
    problems.push(wrongField(['spec', 'subnet'], spec.subnet, `the network itself, ${formatPrefix(subnet)}`));
  }
  if (spec.ipVersion !== undefined && spec.ipVersion !== subnet.family) {
    problems.push(
      wrongField(['spec', 'ipVersion'], spec.ipVersion, `${subnet.family}, as spec.subnet is IPv${subnet.family}`),
    );
  }
  const ips = readAddressRanges(spec.ips ?? [], ['spec', 'ips'], subnet);
  const excluded = readAddressRanges(spec.excludeIPs ?? [], ['spec', 'excludeIPs'], subnet);
  const total = subtract(ips.set, excluded.set);
  const gateway = spec.gateway === undefined ? undefined : findIp(spec.gateway);
  problems.push(
    ...ips.problems,
    ...excluded.problems,
    ...gatewayProblems(spec, gateway, subnet, total),
    ...routesProblems(spec.routes ?? [], subnet),
  );
  if (problems.length > 0) return { problems };
  const addresses = {
    subnet,
    listed: ips.set,
    total,
    routes: (spec.routes ?? []).map(canonicalRoute),
    ...(gateway === undefined ? {} : { gateway }),
  };
  return { problems, addresses };
}

function gatewayProblems(
  { gateway: text }: SpiderAddresses,
  gateway: Ip | undefined,
  subnet: Prefix,
  total: IntervalSet,
): readonly ObjectProblem[] {
  if (text === undefined) return [];
  if (gateway === undefined || !contains(subnet, gateway)) {
    return [wrongField(['spec', 'gateway'], text, `an address inside spec.subnet ${formatPrefix(subnet)}`)];
  }
  if (!has(total, gateway.value)) return [];
  return [
    wrongField(
      ['spec', 'gateway'],
      text,
      'an address that pods do not get: add it to spec.excludeIPs, or take it out of spec.ips',
    ),
  ];
}

function routesProblems(routes: readonly SpiderRoute[], subnet: Prefix): readonly ObjectProblem[] {
  const seen = new Set<string>();
  return routes.flatMap(({ dst, gw }, index) => {
    const path = ['spec', 'routes', index];
    const [target, hop] = [findPrefix(dst), findIp(gw)];
    const problems: ObjectProblem[] = [];
    if (target?.family !== subnet.family) {
      const example = subnet.family === 4 ? '10.0.0.0/8' : 'fd00::/8';
      problems.push(wrongField([...path, 'dst'], dst, `an IPv${subnet.family} network like ${example}`));
    } else if (target.length === 0) {
      problems.push(wrongField([...path, 'dst'], dst, 'no default route: that is spec.gateway'));
    } else {
      if (seen.has(formatPrefix(target))) problems.push(wrongField([...path, 'dst'], dst, 'each destination once'));
      seen.add(formatPrefix(target));
    }
    if (hop === undefined || !contains(subnet, hop)) {
      problems.push(wrongField([...path, 'gw'], gw, `an address inside spec.subnet ${formatPrefix(subnet)}`));
    }
    return problems;
  });
}
