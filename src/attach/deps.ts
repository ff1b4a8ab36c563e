import type { AttachmentPolicy, NetworkAttachmentDefinition, Pod } from '#api';
import type { Clock, Log } from '#base';
import type { JsonObject, Launcher } from '#cni';
import type { KubeletDevices } from '#devices';
import type { Detection } from '#ipam';
import type { EventRecorder, KubeClient, WatchCache } from '#kube';
import type { ClusterIpam, HostLocalLeases } from './addresses/leases.ts';
import type { ForeignPlaces } from './adopt/foreign-places.ts';
import type { JournalEntry } from './journal/entry.ts';
import type { Journal } from './journal/journal.ts';
import type { HostKernel } from './kernel.ts';
import type { Announcer } from './neighbours/announcer.ts';
import type { Nesting } from './nesting.ts';

/** What the pipeline works with; wired together once, in the agent. */
export interface AttachDeps {
  readonly nodeName: string;
  readonly host: HostKernel;
  readonly journal: Journal;
  readonly hostLocal: HostLocalLeases;
  /** Where the reference plugin host-local keeps its addresses: also those of pods that are not ours. */
  readonly hostLocalDir: string;
  /** Where Multus, as long as it is still called, keeps what it needs for a DEL; undefined: nobody came before us. */
  readonly foreign?: ForeignPlaces;
  /** undefined: no API server configured, plain CNI only. */
  readonly cluster: ClusterIpam | undefined;
  readonly api: ApiAccess | undefined;
  /** Third-party plugins are looked up here and nowhere else, whatever CNI_PATH says. */
  readonly binDirs: readonly string[];
  /** What starts them where they are another root's programs; `binDirs` are then as they see them. */
  readonly launcher?: Launcher;
  /** Configurations among which the default network is found. */
  readonly confDir: string;
  /** Keys that win over those of the configuration by which the runtime calls the pipeline. */
  readonly overlay?: JsonObject;
  /** Our own socket: a delegate that calls one of our plugins comes back through it. */
  readonly socket: string;
  readonly nesting: Nesting;
  readonly announcer: Announcer;
  /** What is asked of the network before an address is used, where neither its pool nor its network says. */
  readonly detect?: Detection;
  readonly devices: NodeDevices;
  readonly lacksKind: (kind: string) => boolean;
  readonly deadlines: Deadlines;
  /** How many pods' requests are carried out at once; 16 where it is not said. */
  readonly parallelRequests?: number;
  /** Called when the last ADD of a pod (its uid) or container has ended: its claims may be judged again. */
  readonly onOwnerIdle: (owner: string) => void;
  /** Called when an entry of a pod (its uid) or container has gone: what it held back may be judged again. */
  readonly onEntryGone?: (owner: string) => void;
  /** Called for each thing that a neighbour's answer, or its silence, keeps a pod from. */
  readonly onNeighbour?: (finding: NeighbourFinding) => void;
  /** Called when an entry that is to be undone could not be, as often as that happens: somebody has to try again. */
  readonly onUnfinished: (entry: JournalEntry, error: unknown) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Somebody else has an address; or a gateway does not answer. */
export type NeighbourFinding = 'conflict' | 'gateway silent';

/** What is known on this node of the devices of device plugins. */
export interface NodeDevices {
  readonly kubelet: KubeletDevices;
  /** Where device-info files are. */
  readonly infoDir: string;
}

export interface ApiAccess {
  readonly client: KubeClient;
  /** Pods of this node. */
  readonly pods: WatchCache<Pod>;
  readonly nads: WatchCache<NetworkAttachmentDefinition>;
  /** What namespaces may ask of nodes; none where the cluster has no such CRD. */
  readonly policies: WatchCache<AttachmentPolicy>;
  readonly events: EventRecorder;
}

/** CNI passes none, so they are ours, below what runtimes wait. */
export interface Deadlines {
  readonly addMs: number;
  readonly delMs: number;
  readonly delegateMs: number;
}

export const DEFAULT_DEADLINES: Deadlines = { addMs: 90_000, delMs: 60_000, delegateMs: 60_000 };
