import { UnderlaneError } from '#base';

/** A plugin's configuration cannot be used. */
export type ConfigErrorCode =
  | 'CONFIG_INVALID'
  /** The predecessors know the key, Underlane does not act on it: ignoring it would half-work. */
  | 'CONFIG_UNSUPPORTED';

export class ConfigError extends UnderlaneError {
  constructor(code: ConfigErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}

/** The configuration is fine, but the facts, the addresses or the previous result do not go with it. */
export type PlanErrorCode =
  | 'MASTER_MISSING'
  | 'INTERFACE_TAKEN'
  | 'INTERFACE_MISSING'
  | 'MTU_TOO_LARGE'
  | 'MAC_INVALID'
  | 'NO_ADDRESS'
  | 'ADDRESS_INVALID'
  | 'ROUTE_INVALID'
  | 'NOT_CHAINED'
  | 'NO_HOST_PATH'
  | 'BRIDGE_CONFLICT'
  | 'PLAN_UNSUPPORTED';

export class PlanError extends UnderlaneError {
  constructor(code: PlanErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
