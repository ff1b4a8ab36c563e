/** Addresses that a pod or its runtime asks for. */
export interface AskedAddresses {
  /** `ips` of the pod's annotation, `args.cni.ips` or `runtimeConfig.ips`, with or without prefix length. */
  readonly ips: readonly string[];
  /** CNI_ARGS IP. */
  readonly argIps?: readonly string[];
  /** CNI_ARGS GATEWAY. */
  readonly argGateways?: readonly string[];
}

/** The addresses of CNI_ARGS count where the runtime says nothing else: some say the same in both places. */
export function askedOf({ ips, argIps = [] }: AskedAddresses): readonly string[] {
  return ips.length > 0 ? ips : argIps;
}
