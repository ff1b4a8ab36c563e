import type { JsonObject, LogLevel } from '#base';
import type { Installation } from '#install';
import type { Detection } from '#ipam';

/** What `underlane agent` is started with. */
export interface AgentOptions {
  /** Without it, and without {@link inCluster}: plain CNI only, no cluster-wide addresses. */
  readonly kubeconfig?: string;
  /** The API server is reached as Kubernetes tells pods: by their service account. */
  readonly inCluster?: boolean;
  readonly nodeName: string;
  /** Path of the unix socket that the shim calls. */
  readonly socket: string;
  readonly stateDir: string;
  /** Where the default network's configuration is found. */
  readonly cniConfDir: string;
  /** Where third-party plugins are found, in order. */
  readonly cniBinDirs: readonly string[];
  /** Where the agent, in a container, has the node's root: third-party plugins run there. Then `cniBinDirs` are below it. */
  readonly hostRoot?: string;
  /** What is asked of the network before an address is used, where neither its pool nor its network says. @default nothing */
  readonly detect?: Detection;
  /** How long an address that somebody else on the network has is kept from everybody. @default 600 */
  readonly quarantineSeconds?: number;
  /** How many pods' requests are carried out at once. */
  readonly parallelRequests?: number;
  /** kubelet's own directory, where it tells which devices a pod was given. @default '/var/lib/kubelet' */
  readonly kubeletDir?: string;
  /** Where device-info files are. @default '/var/run/k8s.cni.cncf.io/devinfo' */
  readonly deviceInfoDir?: string;
  /** Where Multus keeps what it needs for a DEL: its `cniDir`. @default '/var/lib/cni/multus' */
  readonly multusCniDir?: string;
  /** Where runtimes and the reference plugins keep theirs. @default '/var/lib/cni' */
  readonly cniCacheDir?: string;
  /** Where to answer as Multus' daemon does, on `multus.sock`. @default nowhere */
  readonly multusSocketDir?: string;
  /** Whether running pods follow their networks annotation. @default true, without {@link multusSocketDir} */
  readonly hotPlug?: boolean;
  readonly logLevel: LogLevel;
  /** `HOST:PORT` for health checks and /metrics; they always answer on `health.sock` beside the socket. */
  readonly healthAddress?: string;
  /** Keys that win over those of the configuration by which the runtime calls the pipeline. */
  readonly overlay?: JsonObject;
  /** What of the options means nothing: said in the log. */
  readonly warnings?: readonly string[];
  /** Where the agent's Lease is. @default 'kube-system' */
  readonly leaseNamespace?: string;
  /** How long the agent counts as alive after it was last heard of; it renews four times as often. @default 40 */
  readonly leaseSeconds?: number;
  /** Set when the agent is to install itself on its node. */
  readonly installation?: Installation;
}
