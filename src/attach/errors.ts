import { UnderlaneError } from '#base';

/** Codes of this room. */
export type AttachErrorCode =
  /** The node cannot write its journal; an ADD is undone, a DEL stays open. Cure: free space on, or repair, the disk of --state-dir. */
  | 'JOURNAL_WRITE'
  /** A journal file holds something else than an entry; it is set aside as *.broken. Cure: look at the file; what it recorded has to be undone by hand. */
  | 'JOURNAL_FORMAT'
  /** CNI_NETNS leads to no namespace, or to the node's own. Cure: none here: the runtime has to make the sandbox anew. */
  | 'NETNS_MISSING'
  /** The API server has no pod of the name that the runtime gave. Cure: none: the runtime tries again, or the pod is gone. */
  | 'POD_NOT_FOUND'
  /** A pod of this name exists, but it is another one. Cure: none: the runtime asks for the new pod by itself. */
  | 'POD_UID_MISMATCH'
  /** The default network's readinessindicatorfile is not there. Cure: see why the default network's own daemon is not ready. */
  | 'NETWORK_NOT_READY'
  /** A network's or a pod's configuration cannot be used. Cure: correct the field that the message names. */
  | 'NETWORK_CONFIG'
  /** A network asks for a plugin or a part of the node that its namespace may not have. Cure: ask whoever made the AttachmentPolicy that the message names. */
  | 'POLICY'
  /** A type that Underlane does not implement and no --cni-bin-dir holds. Cure: correct the type, or install the plugin there. */
  | 'UNKNOWN_PLUGIN'
  /** The kernel has no such kind of link. Cure: do as `underlane capabilities` says of it, or use another kind. */
  | 'KERNEL_LACKS'
  /** Another container has the device that this one is to have. Cure: none: the runtime tries again when that container is gone; a deviceID written by hand must differ. */
  | 'DEVICE_HELD'
  /** A plugin that only changes an interface stands first in its chain. Cure: put a plugin before it that makes the interface. */
  | 'NOT_CHAINED'
  /** Somebody else on the network has an address that was to be used. Cure: find whoever has the MAC that the message names; another address is taken where the pod does not insist on this one. */
  | 'ADDRESS_CONFLICT'
  /** The gateway of an address answers nobody on its link. Cure: correct the pool's gateway, or the VLAN or cable between them; the pod is tried again by itself. */
  | 'GATEWAY_UNREACHABLE'
  /** A third-party IPAM plugin succeeded without giving an address. Cure: look at its configuration and its own log. */
  | 'NO_ADDRESS'
  /** Something cluster-wide was asked of an agent without API server. Cure: start the agent with --kubeconfig. */
  | 'NO_API'
  /** The pod's network-status could not be written, so the ADD was undone. Cure: see the API error behind it: reachability, or rights to patch pods/status. */
  | 'STATUS_WRITE'
  /** CHECK of a container that this node has no attachment of, or a network for one. Cure: none: delete the pod if it should have one. */
  | 'UNKNOWN_CONTAINER'
  /** The kernel is not as the attachment left it; each difference is named. Cure: find who changed it, or replace the pod. */
  | 'CHECK_FAILED'
  /** The work was given up for a DEL, or because the agent stops. Cure: none: it is asked for again where it is still wanted. */
  | 'CANCELLED'
  /** An ADD or DEL took longer than the agent allows; it was undone. Cure: see what the log says it waited for. */
  | 'DEADLINE'
  /** A plugin called back with a token of a call that is over. Cure: look at that plugin: it outlived its own call. */
  | 'NESTING'
  /** CNI_COMMAND is one that this version does not carry out. Cure: use one that the message lists. */
  | 'UNSUPPORTED_VERB';

/** A request that could not be carried out. */
export class AttachError extends UnderlaneError {
  constructor(code: AttachErrorCode, message: string, options: ConstructorParameters<typeof UnderlaneError>[2] = {}) {
    super(code, message, options);
  }
}
