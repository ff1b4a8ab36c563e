import { isDeepStrictEqual } from 'node:util';
import { isKubeOvns, KUBE_OVN_SUBNETS, type KubeOvnSubnet, type ObjectProblem } from '#api';
import type { IntervalSet } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import type { WatchCache } from '#kube';
import type { View, ViewChange } from '../view.ts';
import { countAddresses, saysAll, textOrNull } from './address-counts.ts';
import { type ConditionText, timeOf, withConditions } from './conditions.ts';
import type { SubnetUse } from './subnet-use.ts';

/** What the views of this folder are made with. */
export interface KubeOvnSources {
  readonly subnets: WatchCache<KubeOvnSubnet>;
  readonly use: SubnetUse;
  /** Whether Kube-OVN itself manages the cluster's Subnets. @throws ApiError */
  isForeign(): Promise<boolean>;
  now(): number;
}

/** Subnets: what may be left out of their spec, how many addresses are free and in use, and whether they can be used. */
export function kubeOvnSubnetView({ subnets, use, isForeign, now }: KubeOvnSources): View<KubeOvnSubnet> {
  return {
    resource: KUBE_OVN_SUBNETS,
    objects: subnets,
    namesOf: () => [],
    async compare({ object }) {
      if (object === undefined) return { kind: 'none' };
      if (isKubeOvns(object) || (await isForeign())) return { kind: 'foreign' };
      return compareSubnet(object, use, await loadKubeOvnObjects(), timeOf(now()));
    },
    follow(touch, signal) {
      use.subscribe(name => touch({ name }), signal);
    },
  };
}

/** What is missing in a Subnet. One of an OVN network only counts what is taken of it, if anything is. */
export function compareSubnet(
  object: KubeOvnSubnet,
  use: SubnetUse,
  { defaultKubeOvnSubnet, isOvnProvider, readKubeOvnSubnet }: Awaited<ReturnType<typeof loadKubeOvnObjects>>,
  now: string,
): ViewChange<KubeOvnSubnet> {
  const { name } = object.metadata;
  const isOvn = isOvnProvider(object.spec.provider);
  if (isOvn && !use.isUsed(name)) return { kind: 'none' };
  const complete = defaultKubeOvnSubnet(object);
  if (!isDeepStrictEqual(complete.spec, object.spec)) {
    const { protocol, cidrBlock, gateway, excludeIps } = complete.spec;
    return { kind: 'patch', body: { spec: { protocol, cidrBlock, gateway, excludeIps } } };
  }
  const { networks, problems } = readKubeOvnSubnet(object);
  const usableOf = (family: 4 | 6): IntervalSet => networks.find(network => network.family === family)?.usable ?? [];
  const [v4, v6] = [countAddresses(4, usableOf(4), use.of(name, 4)), countAddresses(6, usableOf(6), use.of(name, 6))];
  const { status = {} } = object;
  const wanted = {
    v4availableIPs: v4.available,
    v4usingIPs: v4.using,
    v6availableIPs: v6.available,
    v6usingIPs: v6.using,
    v4availableIPrange: textOrNull(v4.availableRange),
    v4usingIPrange: textOrNull(v4.usingRange),
    v6availableIPrange: textOrNull(v6.availableRange),
    v6usingIPrange: textOrNull(v6.usingRange),
  };
  const conditions = isOvn ? undefined : withConditions(status.conditions ?? [], conditionsOf(problems), now);
  const isSame = saysAll(status, wanted);
  if (isSame && conditions === undefined) return { kind: 'none' };
  const body = { status: { ...wanted, ...(conditions === undefined ? {} : { conditions }) } };
  return { kind: 'patch', subresource: 'status', body };
}

/** In Kube-OVN's words for a Subnet of a network that is not its own. */
function conditionsOf(problems: readonly ObjectProblem[]): readonly ConditionText[] {
  const errors = problems.filter(({ severity }) => severity !== 'warning').map(({ message }) => message);
  if (errors.length === 0) {
    return [
      { type: 'Validated', status: 'True', reason: 'ValidateLogicalSwitchSuccess', message: '' },
      { type: 'Ready', status: 'True', reason: 'SetNonOvnSubnetSuccess', message: '' },
    ];
  }
  const text = { reason: 'ValidateLogicalSwitchFailed', message: errors.join('; ') };
  return [
    { type: 'Validated', status: 'False', ...text },
    { type: 'Ready', status: 'False', ...text },
  ];
}
