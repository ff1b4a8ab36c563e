import { UnderlaneError } from '#base';

/** Codes of configurations. */
export type ConfigErrorCode =
  /** A key has a wrong value, or is unknown. Cure: correct the key that the message names. */
  | 'CONFIG_INVALID'
  /** The predecessors know the key, Underlane does not act on it: ignoring it would half-work. Cure: leave it out. */
  | 'CONFIG_UNSUPPORTED';

/** A plugin's configuration cannot be used. */
export class ConfigError extends UnderlaneError {
  constructor(code: ConfigErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}

/** Codes of plans. */
export type PlanErrorCode =
  /** The master does not exist, or is not named and there is no default route. Cure: set master to a device of the node. */
  | 'MASTER_MISSING'
  /** The device to be moved is not on the host, or has no network interface. Cure: name one that is there, and is not in another pod. */
  | 'DEVICE_MISSING'
  /** The device to be moved is the one that the node itself lives by. Cure: name another device. */
  | 'DEVICE_IN_USE'
  /** The pod has a link of that name already. Cure: choose another interface name. */
  | 'INTERFACE_TAKEN'
  /** An interface that a chained plugin works on is not there. Cure: look at the plugin before it in the chain. */
  | 'INTERFACE_MISSING'
  /** The MTU is larger than the master's. Cure: lower mtu, or raise the master's. */
  | 'MTU_TOO_LARGE'
  /** The MAC that the pod asks for is none that a NIC can have. Cure: ask for a unicast MAC. */
  | 'MAC_INVALID'
  /** The plugin needs an address and was given none. Cure: give the network an ipam. */
  | 'NO_ADDRESS'
  /** An address of the IPAM or the previous result cannot be read. Cure: look at the plugin that gave it. */
  | 'ADDRESS_INVALID'
  /** A route has host bits, a gateway of another family or an unknown scope. Cure: correct the route in the ipam. */
  | 'ROUTE_INVALID'
  /** A plugin that needs a previous result has none. Cure: put a plugin before it that makes the interface. */
  | 'NOT_CHAINED'
  /** The node has no way to the pod's address, or has that address itself. Cure: give the node an address in the subnet, or the pod another address. */
  | 'NO_HOST_PATH'
  /** The bridge is another kind of link, or holds an address that does not fit. Cure: name another bridge, or take the address away. */
  | 'BRIDGE_CONFLICT'
  /** The facts ask for something that Underlane does not do yet. Cure: do as the message says it would work. */
  | 'PLAN_UNSUPPORTED';

/** The configuration is fine, but the facts, the addresses or the previous result do not go with it. */
export class PlanError extends UnderlaneError {
  declare readonly code: PlanErrorCode;

  constructor(code: PlanErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
