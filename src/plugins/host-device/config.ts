import * as z from 'zod/mini';
import type { CniDns } from '#cni';
import { deviceName, dns, macAddress } from '../config-fields.ts';
import { configFault, parseConfig } from '../parse-config.ts';
import { resultDns } from '../result-dns.ts';

export interface HostDeviceConfig {
  readonly selector: DeviceSelector;
  readonly dns: CniDns;
}

/** Which device is meant. */
export type DeviceSelector =
  | { readonly by: 'device'; readonly value: string }
  | { readonly by: 'hwaddr'; readonly value: string }
  /** A path below /sys/devices/. */
  | { readonly by: 'kernelpath'; readonly value: string }
  /** `0000:00:1f.6`, or the name of a device on another bus. */
  | { readonly by: 'pciBusID'; readonly value: string };

const SYSFS = '/sys/devices/';

const kernelPath = () => {
  const error = `a path below ${SYSFS}`;
  return z
    .string({ error })
    .check(z.refine(path => path.startsWith(SYSFS) && !path.split('/').includes('..'), { error }));
};
const busId = () => {
  const error = 'the address of a device on its bus such as "0000:00:1f.6"';
  return z.string({ error }).check(z.regex(/^[\w.:-]+$/, { error }));
};

const schema = z.strictObject({
  device: z.optional(deviceName()),
  hwaddr: z.optional(macAddress()),
  kernelpath: z.optional(kernelPath()),
  pciBusID: z.optional(busId()),
  dns: z.optional(dns()),
});

/** @throws ConfigError naming field, value and what was expected */
export function parseHostDeviceConfig(raw: Readonly<Record<string, unknown>>): HostDeviceConfig {
  const parsed = parseConfig('host-device', schema, raw);
  const selector = deviceIdOf(raw) ?? configured(parsed);
  if (selector !== undefined) return { selector, dns: resultDns(parsed.dns) };
  throw configFault('host-device', 'device', undefined, 'one of device, hwaddr, kernelpath, pciBusID');
}

function configured(parsed: z.output<typeof schema>): DeviceSelector | undefined {
  for (const by of ['device', 'hwaddr', 'kernelpath', 'pciBusID'] as const) {
    const value = parsed[by];
    if (value !== undefined) return { by, value };
  }
  return undefined;
}

/** What a device plugin has handed out to the pod stands above what the config names. */
function deviceIdOf(raw: Readonly<Record<string, unknown>>): DeviceSelector | undefined {
  const runtime = raw['runtimeConfig'];
  if (typeof runtime !== 'object' || runtime === null || !('deviceID' in runtime)) return undefined;
  const id = busId().safeParse(runtime.deviceID);
  if (id.success) return { by: 'pciBusID', value: id.data };
  throw configFault(
    'host-device',
    'runtimeConfig.deviceID',
    runtime.deviceID,
    id.error.issues[0]?.message ?? 'another value',
  );
}
