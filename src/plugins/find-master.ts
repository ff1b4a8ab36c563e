import type { LinkFact, NsFacts } from '#facts';
import { defaultRouteDev } from '#facts';
import { PlanError } from './errors.ts';

/** What a config says about the parent of the interface. */
export interface MasterConfig {
  /** Parent device; undefined is the device of the default route. */
  readonly master?: string;
  /** Bytes; 0 takes the master's. */
  readonly mtu: number;
  /** Whether the master is a device of the pod rather than of the host. */
  readonly linkInContainer: boolean;
}

/** @throws PlanError MASTER_MISSING */
export function findMaster(type: string, config: MasterConfig, ifname: string, ns: NsFacts): LinkFact {
  const where = config.linkInContainer ? 'in the pod' : 'on the host';
  const name = config.master ?? defaultRouteDev(ns);
  if (name === undefined) {
    throw new PlanError(
      'MASTER_MISSING',
      `Cannot plan ${type} "${ifname}": master is not set and there is no default route ${where}, expected the name of a device`,
    );
  }
  const master = ns.links.find(link => link.name === name);
  if (master !== undefined) return master;
  throw new PlanError(
    'MASTER_MISSING',
    `Cannot plan ${type} "${ifname}": master is "${name}", expected the name of a device ${where}`,
    { details: { master: name } },
  );
}

/**
 * Always a number: what comes later in the chain takes its own MTU from this one.
 * @throws PlanError MTU_TOO_LARGE
 */
export function masterMtu(type: string, config: MasterConfig, ifname: string, master: LinkFact): number {
  if (config.mtu <= master.mtu) return config.mtu === 0 ? master.mtu : config.mtu;
  throw new PlanError(
    'MTU_TOO_LARGE',
    `Cannot plan ${type} "${ifname}": mtu is ${config.mtu}, expected 0 to ${master.mtu}, the MTU of master "${master.name}"`,
    { details: { mtu: config.mtu, master: master.name, masterMtu: master.mtu } },
  );
}
