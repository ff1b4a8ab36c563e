/** ptp: a pair between the pod and its node, routed by addresses. */
import type { Plugin } from '../plugin.ts';
import type { PtpConfig } from './config.ts';
import { parsePtpConfig } from './config.ts';
import { planPtp } from './plan.ts';

export const ptp: Plugin<PtpConfig> = {
  type: 'ptp',
  isChained: false,
  parse: parsePtpConfig,
  plan: planPtp,
};
