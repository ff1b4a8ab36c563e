/** loopback: brings the pod's `lo` up. */
import type { Plugin } from '../plugin.ts';
import type { LoopbackConfig } from './config.ts';
import { parseLoopbackConfig } from './config.ts';
import { planLoopback } from './plan.ts';

export const loopback: Plugin<LoopbackConfig> = {
  type: 'loopback',
  isChained: false,
  parse: parseLoopbackConfig,
  plan: planLoopback,
};
