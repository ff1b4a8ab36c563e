/** A CNI result in the newest shape; `formatResult` prints it in any version. Spec: https://www.cni.dev/docs/spec/#add-success */
export interface CniResult {
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly CniIp[];
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
}

export interface CniInterface {
  readonly name: string;
  readonly mac?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** Path of the namespace; absent for links on the host. */
  readonly sandbox?: string;
  /** Path of a socket file that stands for the interface (vhost-user). */
  readonly socketPath?: string;
  /** `0000:3b:02.1` */
  readonly pciID?: string;
}

export interface CniIp {
  /** `172.18.0.10/16` */
  readonly address: string;
  readonly gateway?: string;
  /** Index into `interfaces`. */
  readonly interface?: number;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** Bytes. */
  readonly advmss?: number;
  /** The metric: lower ones win. */
  readonly priority?: number;
  readonly table?: number;
  /** RT_SCOPE_* */
  readonly scope?: number;
}

export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

export const emptyResult: CniResult = { interfaces: [], ips: [], routes: [], dns: {} };
