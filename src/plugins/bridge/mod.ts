/** bridge: a pair between the pod and a bridge on the host. */
import type { Plugin } from '../plugin.ts';
import type { BridgeConfig } from './config.ts';
import { parseBridgeConfig } from './config.ts';
import { planBridge } from './plan.ts';

export const bridge: Plugin<BridgeConfig> = {
  type: 'bridge',
  isChained: false,
  parse: parseBridgeConfig,
  plan: planBridge,
};
