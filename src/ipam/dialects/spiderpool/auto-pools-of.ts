import { isSpiderpools, type SpiderIPPool } from '#api';
import type { Family } from '#ip';
import { controllerOfAppLabels, meansController, splitPodAffinity } from './app-labels.ts';
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

/** Whether it was made for this interface of this workload, or for an earlier one of the same name. */
export function isAutoPoolOf(
  pool: SpiderIPPool,
  { controller, interface: name, family, subnet }: AutoPoolOwner,
): boolean {
  const { labels = {} } = pool.metadata;
  const { podAffinity } = pool.spec;
  return (
    isAutoPool(pool) &&
    labels[OWNER_SUBNET_LABEL] === labelValue(subnet) &&
    labels[INTERFACE_LABEL] === name &&
    labels[IP_VERSION_LABEL] === `IPv${family}` &&
    podAffinity !== undefined &&
    meansController(splitPodAffinity(podAffinity).app, controller)
  );
}

/** The controller that a pool was made for; undefined for one that was made by hand. */
export function ownerOfAutoPool(pool: SpiderIPPool): TopController | undefined {
  const { podAffinity } = pool.spec;
  if (!isAutoPool(pool) || podAffinity === undefined) return undefined;
  return controllerOfAppLabels(splitPodAffinity(podAffinity).app, pool.metadata.labels?.[OWNER_UID_LABEL] ?? '');
}
