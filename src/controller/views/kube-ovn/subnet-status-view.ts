import { isDeepStrictEqual } from 'node:util';
import { isKubeOvns, KUBE_OVN_SUBNETS, type KubeOvnSubnet, type ObjectProblem, SUBNET_USE } from '#api';
import { loadKubeOvnObjects } from '#ipam';
import type { WatchCache } from '#kube';
import type { View, ViewChange } from '../view.ts';
import { compareStatus, type WantedStatus } from './compare-status.ts';
import { type ConditionText, timeOf } from './conditions.ts';
import type { SubnetUse } from './subnet-use.ts';

/** What the views of this folder are made with. */
export interface KubeOvnSources {
  readonly subnets: WatchCache<KubeOvnSubnet>;
  readonly use: SubnetUse;
  now(): number;
}

/** Subnets: what may be left out of their spec, how many addresses are free and in use, and whether they can be used. */
export function kubeOvnSubnetView({ subnets, use, now }: KubeOvnSources): View<KubeOvnSubnet> {
  return {
    resource: KUBE_OVN_SUBNETS,
    objects: subnets,
    namesOf: () => [],
    async compare({ object }) {
      if (object === undefined) return { kind: 'none' };
      if (isKubeOvns(object)) return { kind: 'foreign' };
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
  const wanted: WantedStatus = {
    spelling: SUBNET_USE,
    usableOf: family => networks.find(network => network.family === family)?.usable ?? [],
    heldOf: family => use.of(name, family),
    conditions: isOvn ? [] : conditionsOf(problems),
  };
  return compareStatus(object.status, wanted, now);
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
