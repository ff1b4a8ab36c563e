import { bridge } from './bridge/mod.ts';
import { loopback } from './loopback/mod.ts';
import { macvlan } from './macvlan/mod.ts';
import type { Plugin } from './plugin.ts';
import { veth } from './veth/mod.ts';

/** Every plugin that is planned in process. */
export const plugins: readonly Plugin[] = [bridge, loopback, macvlan, veth];

/** The plugin of a config's `type`; undefined for a type that others implement. */
export function findPlugin(type: string): Plugin | undefined {
  return plugins.find(plugin => plugin.type === type);
}
