/** One element of a networks annotation: which network, and what is asked of it. */
export interface NetworkSelection {
  readonly namespace: string;
  readonly name: string;
  /** Requested interface name; undefined leaves it to the position: `net1`, `net2`, ... */
  readonly interface?: string;
  /** Requested addresses in canonical text, with or without prefix length, in the order given. */
  readonly ips?: readonly string[];
  /** Requested MAC as `0a:58:0a:f4:00:01`. */
  readonly mac?: string;
  /** Goes into `args.cni` of every plugin of the network. */
  readonly cniArgs?: Readonly<Record<string, unknown>>;
}
