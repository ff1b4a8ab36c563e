import {
  KUBE_OVN_IPS,
  NODE_SLICE_POOLS,
  type ObjectProblem,
  OVERLAPPING_RANGE_IP_RESERVATIONS,
  type Resource,
  SPIDER_ENDPOINTS,
  WHEREABOUTS_IP_POOLS,
} from '#api';
import type { ObjectRule } from './object-rule.ts';

const VIEWS: readonly Resource[] = [
  SPIDER_ENDPOINTS,
  WHEREABOUTS_IP_POOLS,
  OVERLAPPING_RANGE_IP_RESERVATIONS,
  NODE_SLICE_POOLS,
  KUBE_OVN_IPS,
];

const NOTE: ObjectProblem = {
  path: ['kind'],
  message: 'it is a view, which the controller makes of the claims and puts right: nothing reads it to decide',
  severity: 'warning',
};

/** Kinds that show who has which address. Nobody needs to write them, so there is nothing to be wrong. */
export function viewRules(): readonly ObjectRule[] {
  return VIEWS.map(resource => ({ resource, against: [], isView: true, isOfType: () => true, check: () => [NOTE] }));
}
