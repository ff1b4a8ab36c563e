import { bridge } from './bridge/mod.ts';
import { dummy } from './dummy/mod.ts';
import { hostDevice } from './host-device/mod.ts';
import { ipvlan } from './ipvlan/mod.ts';
import { loopback } from './loopback/mod.ts';
import { macvlan } from './macvlan/mod.ts';
import { passthru } from './passthru/mod.ts';
import type { Plugin } from './plugin.ts';
import { ptp } from './ptp/mod.ts';
import { sriov } from './sriov/mod.ts';
import { veth } from './veth/mod.ts';
import { vlan } from './vlan/mod.ts';

/** Every plugin that is planned in process. */
export const plugins: readonly Plugin[] = [
  bridge,
  dummy,
  hostDevice,
  ipvlan,
  loopback,
  macvlan,
  passthru,
  ptp,
  sriov,
  veth,
  vlan,
];

/** The plugin of a config's `type`; undefined for a type that others implement. */
export function findPlugin(type: string): Plugin | undefined {
  return plugins.find(plugin => plugin.type === type);
}
