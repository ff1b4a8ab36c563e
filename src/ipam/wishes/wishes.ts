import type { Pod, WorkloadReference } from '#api';
import type { Aside } from '#base';
import type { CniDns, CniRoute } from '#cni';
import type { PoolCatalog } from '../catalog/pool-catalog.ts';
import type { Pool } from '../store/claim-store.ts';
import type { AskedAddresses } from './asked-addresses.ts';
import type { FixedAddress } from './fixed-address.ts';

/** One address to be claimed. */
export interface Wish {
  /** All of one family, tried in order: the next one where one has none left. At least one. */
  readonly pools: readonly Pool[];
  /** The address that was asked for, with or without prefix length: taken from the pool that has it, or not at all. */
  readonly address?: string;
  /** Why pools that were asked for, here with none usable or not at all, hand nothing out to this pod: part of errors. */
  readonly closed?: string;
}

/** What an attachment is to get by its `ipam` object, its pod's annotations and the cluster's pools. */
export interface Wishes {
  /**
   * Ways to meet the request, tried in order: the next one where an address of one belongs to somebody else or none is
   * left. A claim's slot is its position. One way without wishes asks for no claim.
   */
  readonly alternatives: readonly (readonly Wish[])[];
  /** Handed out as they stand, beside the claims. */
  readonly fixed: readonly FixedAddress[];
  /** Whatever pool the addresses are of; those that go with a pool stand in it. */
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
  /** The default routes among these are the pod's, whichever other interface has some. */
  readonly takesDefaultRoute?: boolean;
  /**
   * Where pools grow by themselves: asked when no address was left, it answers what can be wished for once they have grown;
   * undefined when they do not soon.
   */
  readonly more?: (signal: AbortSignal | undefined) => Promise<Wishes | undefined>;
  /** Whose the addresses are while pods come and go. */
  readonly workload?: WorkloadReference;
  /** The pod is the one that its virtual machine migrates to: it has the addresses of the one that still runs, too. */
  readonly isMigration?: boolean;
}

/** An interface of a pod, and the network that it is attached to. */
export interface PodInterface {
  readonly name: string;
  /** `namespace/name` of the NetworkAttachmentDefinition; absent where the network is only known to the node. */
  readonly nad?: string;
}

/** What dialects know of the attachment that asks. */
export interface WishContext {
  /** With labels, annotations and owner references; absent in plain CNI. */
  readonly pod?: Pod;
  /** The pod's node. */
  readonly node: string;
  readonly interface: PodInterface;
  /** Whether it is the pod's default interface. */
  readonly isDefault: boolean;
  /** All of the pod's interfaces in order, this one among them. */
  readonly interfaces: readonly PodInterface[];
  readonly asked: AskedAddresses;
  /** For errors: `network "default/lan"`. */
  readonly source: string;
  /** Addresses, with prefix length, of the physical function that the interface's device is a part of; only its node knows. */
  readonly masterAddresses?: () => readonly string[];
  /** Undefined without API server. */
  readonly catalog: PoolCatalog | undefined;
  /** How to wait for what others make, where others need the place of whoever waits. @default where it stands */
  readonly aside?: Aside;
  readonly signal?: AbortSignal;
}
