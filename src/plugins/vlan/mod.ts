/** vlan: a tagged VLAN of a parent device, in the pod. */
import type { Plugin } from '../plugin.ts';
import type { VlanConfig } from './config.ts';
import { parseVlanConfig } from './config.ts';
import { planVlan } from './plan.ts';

export const vlan: Plugin<VlanConfig> = {
  type: 'vlan',
  isChained: false,
  parse: parseVlanConfig,
  plan: planVlan,
};
