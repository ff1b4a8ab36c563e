import { isSpiderpools, type SpiderIPPool } from '#api';
import type { Family } from '#ip';
import { controllerOfAppLabels, splitPodAffinity } from './app-labels.ts';
import {
  INTERFACE_LABEL,
  IP_VERSION_LABEL,
  labelValue,
  OWNER_KIND_LABEL,
  OWNER_SUBNET_LABEL,
  OWNER_UID_LABEL,
} from './labels.ts';
import type { TopController } from './top-controller.ts';

/** For whom a pool is made from a subnet. */
export interface AutoPoolOwner {
  readonly controller: TopController;
  readonly interface: string;
  readonly family: Family;
  /** Name of the SpiderSubnet. */
  readonly subnet: string;
}

/** Whether a pool was made from a subnet for one workload, and neither by hand nor for one by Spiderpool itself. */
export function isAutoPool(pool: SpiderIPPool): boolean {
  return pool.metadata.labels?.[OWNER_KIND_LABEL] !== undefined && !isSpiderpools(pool);
}

/** Whether it was made for this interface of this workload, or for an earlier one of the same name, also by Spiderpool itself. */
export function isAutoPoolOf(pool: SpiderIPPool, owner: AutoPoolOwner): boolean {
  return toPurpose(pool) === purposeFor(owner);
}

/** One text for each purpose that pools are made for; undefined for those made by hand, or by Spiderpool itself. */
export function purposeOf(pool: SpiderIPPool): string | undefined {
  return isAutoPool(pool) ? toPurpose(pool) : undefined;
}

function toPurpose(pool: SpiderIPPool): string | undefined {
  const controller = madeFor(pool);
  if (controller === undefined) return undefined;
  const { labels = {} } = pool.metadata;
  const subnet = labels[OWNER_SUBNET_LABEL];
  return toText(controller, [subnet, labels[INTERFACE_LABEL], labels[IP_VERSION_LABEL]]);
}

/** The purpose of a pool that is asked for. */
export function purposeFor({ controller, interface: ifname, family, subnet }: AutoPoolOwner): string {
  return toText(controller, [labelValue(subnet), ifname, `IPv${family}`]);
}

/** Without its uid: one that is made again may have the pools of the one before. */
function toText(
  { group, version, kind, namespace, name }: TopController,
  rest: readonly (string | undefined)[],
): string {
  return JSON.stringify([group, version, kind, namespace, name, ...rest]);
}

/** The controller that a pool was made for; undefined for one that was made by hand, or by Spiderpool itself. */
export function ownerOfAutoPool(pool: SpiderIPPool): TopController | undefined {
  return isAutoPool(pool) ? madeFor(pool) : undefined;
}

function madeFor({ metadata: { labels = {} }, spec: { podAffinity } }: SpiderIPPool): TopController | undefined {
  if (labels[OWNER_KIND_LABEL] === undefined || podAffinity === undefined) return undefined;
  return controllerOfAppLabels(splitPodAffinity(podAffinity).app, labels[OWNER_UID_LABEL] ?? '');
}
