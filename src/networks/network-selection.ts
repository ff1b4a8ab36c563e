/** One element of a networks annotation: which network, and what is asked of it. NPWG standard 1.3, section 4.1.2. */
export interface NetworkSelection {
  readonly namespace: string;
  readonly name: string;
  /** Requested interface name; undefined leaves it to the position: `net1`, `net2`, ... */
  readonly interface?: string;
  /** Requested addresses in canonical text, with or without prefix length, in the order given. */
  readonly ips?: readonly string[];
  /** Requested MAC as `0a:58:0a:f4:00:01`. */
  readonly mac?: string;
  /** Requested InfiniBand GUID as eight bytes in hex with colons. */
  readonly infinibandGuid?: string;
  readonly bandwidth?: Bandwidth;
  readonly portMappings?: readonly PortMapping[];
  /** The device to use, where no device plugin hands one out: `0000:03:02.1`. */
  readonly deviceId?: string;
  /** Goes into `args.cni` of every plugin of the network. */
  readonly cniArgs?: Readonly<Record<string, unknown>>;
  /**
   * Next hops of the pod's default routes, which this network is to have; with none, the default routes that its own
   * plugins make are the pod's.
   */
  readonly defaultRoute?: readonly string[];
  /** Name of the IPAMClaim (pod's namespace) that keeps the addresses from one pod to the next. */
  readonly ipamClaim?: string;
}

/** Bits a second and bits, as the capability `bandwidth` has them. */
export interface Bandwidth {
  readonly ingressRate?: number;
  readonly ingressBurst?: number;
  readonly egressRate?: number;
  readonly egressBurst?: number;
}

/** As the capability `portMappings` has it. */
export interface PortMapping {
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIP?: string;
}
