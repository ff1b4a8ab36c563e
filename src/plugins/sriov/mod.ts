/** sriov: a virtual function of a network card, set up by way of its physical one and moved into the pod. */
import type { Plugin } from '../plugin.ts';
import { parseSriovConfig, type SriovConfig } from './config.ts';
import { planSriov } from './plan.ts';

export const sriov: Plugin<SriovConfig> = {
  type: 'sriov',
  isChained: false,
  parse: parseSriovConfig,
  devices: ({ deviceId }) => [deviceId],
  plan: planSriov,
};
