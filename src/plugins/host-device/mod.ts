/** host-device: a device of the host, moved into the pod and back. */
import type { Plugin } from '../plugin.ts';
import type { HostDeviceConfig } from './config.ts';
import { parseHostDeviceConfig } from './config.ts';
import { planHostDevice } from './plan.ts';

export const hostDevice: Plugin<HostDeviceConfig> = {
  type: 'host-device',
  isChained: false,
  parse: parseHostDeviceConfig,
  plan: planHostDevice,
};
