/** macvlan: a NIC with a MAC of its own on a parent device. */
import type { Plugin } from '../plugin.ts';
import type { MacvlanConfig } from './config.ts';
import { parseMacvlanConfig } from './config.ts';
import { planMacvlan } from './plan.ts';

export const macvlan: Plugin<MacvlanConfig> = {
  type: 'macvlan',
  isChained: false,
  parse: parseMacvlanConfig,
  plan: planMacvlan,
};
