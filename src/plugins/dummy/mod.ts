/** dummy: a device that drops what is sent, for addresses that only the pod has. */
import type { Plugin } from '../plugin.ts';
import type { DummyConfig } from './config.ts';
import { parseDummyConfig } from './config.ts';
import { planDummy } from './plan.ts';

export const dummy: Plugin<DummyConfig> = {
  type: 'dummy',
  isChained: false,
  parse: parseDummyConfig,
  plan: planDummy,
};
