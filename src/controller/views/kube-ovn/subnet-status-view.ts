import { isDeepStrictEqual } from 'node:util';
import { isKubeOvns, KUBE_OVN_SUBNETS, type KubeOvnSubnet, type ObjectProblem } from '#api';
import type { IntervalSet } from '#ip';
import { loadKubeOvnObjects } from '#ipam';
import type { WatchCache } from '#kube';
import type { Seen, View, ViewChange } from '../view.ts';
import { countAddresses, saysAll, textOrNull } from './address-counts.ts';
import { type ConditionText, timeOf, withConditions } from './conditions.ts';

/** What the views of this folder are made with. */
export interface KubeOvnSources {
  readonly subnets: WatchCache<KubeOvnSubnet>;
  /** Whether Kube-OVN itself manages the cluster's Subnets. @throws ApiError */
  isForeign(): Promise<boolean>;
  now(): number;
}

/** Subnets: what may be left out of their spec, how many addresses are free and in use, and whether they can be used. */
export function kubeOvnSubnetView({ subnets, isForeign, now }: KubeOvnSources): View<KubeOvnSubnet> {
  return {
    resource: KUBE_OVN_SUBNETS,
    objects: subnets,
    namesOf({ spec: { pool } }) {
      return pool.dialect === 'kube-ovn' && pool.kind === KUBE_OVN_SUBNETS.kind ? [{ name: pool.name }] : [];
    },
    async compare(seen) {
      if (seen.object === undefined) return { kind: 'none' };
      if (isKubeOvns(seen.object) || (await isForeign())) return { kind: 'foreign' };
      return compareSubnet(seen, await loadKubeOvnObjects(), timeOf(now()));
    },
  };
}

/** What is missing in a Subnet. One of an OVN network only counts what is taken of it, if anything is. */
export function compareSubnet(
  { object, claims }: Pick<Seen<KubeOvnSubnet>, 'object' | 'claims'>,
  { defaultKubeOvnSubnet, isOvnProvider, readKubeOvnSubnet }: Awaited<ReturnType<typeof loadKubeOvnObjects>>,
  now: string,
): ViewChange<KubeOvnSubnet> {
  if (object === undefined) return { kind: 'none' };
  const isOvn = isOvnProvider(object.spec.provider);
  if (isOvn && claims.length === 0) return { kind: 'none' };
  const complete = defaultKubeOvnSubnet(object);
  if (!isDeepStrictEqual(complete.spec, object.spec)) {
    const { protocol, cidrBlock, gateway, excludeIps } = complete.spec;
    return { kind: 'patch', body: { spec: { protocol, cidrBlock, gateway, excludeIps } } };
  }
  const { networks, problems } = readKubeOvnSubnet(object);
  const usableOf = (family: 4 | 6): IntervalSet => networks.find(network => network.family === family)?.usable ?? [];
  const [v4, v6] = [countAddresses(4, usableOf(4), claims), countAddresses(6, usableOf(6), claims)];
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
