/** veth: a private wire between a pod with a NIC of its own and its node. */
import type { Plugin } from '../plugin.ts';
import type { VethConfig } from './config.ts';
import { parseVethConfig } from './config.ts';
import { planVeth } from './plan.ts';

export const veth: Plugin<VethConfig> = {
  type: 'veth',
  isChained: true,
  parse: parseVethConfig,
  plan: planVeth,
};
