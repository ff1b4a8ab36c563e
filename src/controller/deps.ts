import type { IPAllocation, Lease, NetworkAttachmentDefinition, Node, Pod } from '#api';
import type { Clock, Log } from '#base';
import type { Checks, Registry } from '#health';
import type { ClaimStore, PoolCatalog } from '#ipam';
import type { EventRecorder, KubeClient, WatchCache } from '#kube';
import type { ControllerOptions } from './options.ts';

/** What the controller's loops work with; wired together once, in {@link startController}. */
export interface ControllerDeps extends ClusterCaches {
  readonly client: KubeClient;
  /** Sees all claims. */
  readonly store: ClaimStore;
  /** Objects of the dialects, and whatever else only some loops ask for. */
  readonly catalog: PoolCatalog;
  readonly events: EventRecorder;
  readonly registry: Registry;
  /** What `/readyz` tells. */
  readonly checks: Checks;
  readonly options: ControllerOptions;
  /** Where Leases are. */
  readonly namespace: string;
  readonly clock: Clock;
  /** For ages: never steps. */
  readonly steady: Clock;
  readonly log: Log;
}

/** Copies of what is of the whole cluster. */
export interface ClusterCaches {
  readonly claims: WatchCache<IPAllocation>;
  /** Trimmed to what is read of them. */
  readonly pods: WatchCache<Pod>;
  readonly nodes: WatchCache<Node>;
  /** Of the namespace of {@link ControllerOptions.namespace}. */
  readonly leases: WatchCache<Lease>;
  readonly nads: WatchCache<NetworkAttachmentDefinition>;
}
