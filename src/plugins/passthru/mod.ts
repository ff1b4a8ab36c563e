/** passthru: makes nothing, and gives plugins behind it that want a result one to go on from. */
import { emptyResult } from '#cni';
import type { Plugin } from '../plugin.ts';
import { type PassthruConfig, parsePassthruConfig } from './config.ts';

export const passthru: Plugin<PassthruConfig> = {
  type: 'passthru',
  isChained: false,
  parse: parsePassthruConfig,
  plan: ({ prevResult }) => ({ wiring: [], result: prevResult ?? emptyResult }),
};
