import type { JsonObject, NetworkConfig } from '#cni';
import type { AskedAddresses, Detection } from '#ipam';
import type { NetworkSelection } from '#networks';
import type { ChainStep } from './chain.ts';
import type { DeviceInfoFile } from './give-devices.ts';

/** One attachment to be made: its network's chain, parsed, and what the pod asked of it. */
export interface AttachmentPlan {
  readonly network: NetworkConfig;
  /** `namespace/name` of the NetworkAttachmentDefinition, where there is one. */
  readonly nad?: string;
  readonly ifname: string;
  readonly chain: readonly ChainStep[];
  /** The pod's default network: its result goes to the runtime. */
  readonly isDefault: boolean;
  readonly mac?: string;
  readonly asked: AskedAddresses;
  readonly cniArgs?: Readonly<Record<string, unknown>>;
  /** What its network says is asked before an address is used. */
  readonly detect?: Detection;
  /** The IPAMClaim (pod's namespace) that keeps its addresses from pod to pod. */
  readonly ipamClaim?: string;
  /** All that was asked for; a plugin gets what its `capabilities` declare. */
  readonly capabilityArgs: JsonObject;
  /** Next hops of the pod's default routes, which this attachment is to have; empty: those that its plugins make. */
  readonly defaultRoute?: readonly string[];
  /** The element of the pod's networks annotation that asks for it. */
  readonly selection?: NetworkSelection;
  /** It makes no interface of its own: neither the pod's status nor an Event tells of it. */
  readonly isAuxiliary?: boolean;
  /** Devices of the node that it needs to itself, by their IDs. */
  readonly devices: readonly string[];
  readonly deviceInfo?: DeviceInfoFile;
}
