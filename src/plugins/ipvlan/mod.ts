/** ipvlan: a NIC of its own on a parent device, with the parent's MAC. */
import type { Plugin } from '../plugin.ts';
import type { IpvlanConfig } from './config.ts';
import { parseIpvlanConfig } from './config.ts';
import { planIpvlan } from './plan.ts';

export const ipvlan: Plugin<IpvlanConfig> = {
  type: 'ipvlan',
  isChained: false,
  parse: parseIpvlanConfig,
  plan: planIpvlan,
};
