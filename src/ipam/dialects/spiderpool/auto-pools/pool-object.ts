import { SPIDER_IP_POOLS, type SpiderIPPool, type SpiderSubnet } from '#api';
import type { IntervalSet } from '#ip';
import { DETECT_ANNOTATION } from '../../../config/detection.ts';
import { formatAddressRanges } from '../address-ranges.ts';
import { appLabelsOf } from '../app-labels.ts';
import {
  cidrLabel,
  INTERFACE_LABEL,
  IP_VERSION_LABEL,
  IPPOOL_CIDR_LABEL,
  labelValue,
  OWNER_GROUP_VERSION_LABEL,
  OWNER_KIND_LABEL,
  OWNER_NAME_LABEL,
  OWNER_NAMESPACE_LABEL,
  OWNER_SUBNET_LABEL,
  OWNER_UID_LABEL,
  RECLAIM_LABEL,
} from '../labels.ts';
import type { TopController } from '../top-controller.ts';
import type { Demand } from './demand.ts';

/** The pool that a demand comes to. Its gateway and routes, and what is asked of the network, are the subnet's as they are now. */
export function toPoolObject(demand: Demand, { metadata, spec }: SpiderSubnet, addresses: IntervalSet): SpiderIPPool {
  const { controller, family } = demand;
  const detect = metadata.annotations?.[DETECT_ANNOTATION];
  return {
    apiVersion: `${SPIDER_IP_POOLS.group}/${SPIDER_IP_POOLS.version}`,
    kind: SPIDER_IP_POOLS.kind,
    metadata: {
      name: autoPoolName(demand),
      labels: labelsOf(demand, spec.subnet),
      ...(detect === undefined ? {} : { annotations: { [DETECT_ANNOTATION]: detect } }),
    },
    spec: {
      ipVersion: family,
      subnet: spec.subnet,
      ips: formatAddressRanges(addresses, family),
      ...(spec.gateway === undefined ? {} : { gateway: spec.gateway }),
      ...(spec.routes === undefined ? {} : { routes: spec.routes }),
      podAffinity: { matchLabels: appLabelsOf(controller) },
    },
  };
}

/** All labels of a demand's pool. */
export function labelsOf(demand: Demand, cidr: string): Readonly<Record<string, string>> {
  const { controller, family, isReclaimed } = demand;
  return {
    [IPPOOL_CIDR_LABEL]: cidrLabel(cidr),
    [OWNER_SUBNET_LABEL]: labelValue(demand.subnet),
    [OWNER_GROUP_VERSION_LABEL]: labelValue(groupVersionOf(controller)),
    [OWNER_KIND_LABEL]: labelValue(controller.kind),
    [OWNER_NAMESPACE_LABEL]: labelValue(controller.namespace),
    [OWNER_NAME_LABEL]: labelValue(controller.name),
    [OWNER_UID_LABEL]: controller.uid,
    [INTERFACE_LABEL]: demand.interface,
    [IP_VERSION_LABEL]: `IPv${family}`,
    [RECLAIM_LABEL]: String(isReclaimed),
  };
}

/** Longest name of an object. */
const NAME_LIMIT = 253;

/** `auto4-web-eth0-1a2b3`: the end is the controller's uid's, so that a later one of its name has pools of its own. */
export function autoPoolName({ controller, interface: ifname, family }: Demand): string {
  const [prefix, suffix] = [`auto${family}-`, `-${ifname}-${controller.uid.slice(-5)}`];
  const name = controller.name.slice(0, NAME_LIMIT - prefix.length - suffix.length);
  return `${prefix}${name}${suffix}`.toLowerCase();
}

function groupVersionOf({ group, version }: TopController): string {
  return group === '' ? version : `${group}_${version}`;
}
