import type { IPAllocationSpec } from '#api';
import type { CniResult, JsonObject, PluginConfig } from '#cni';
import type { DeviceInfo } from '#devices';
import type { ClaimRef } from '#ipam';
import type { NetworkSelection } from '#networks';
import type { Change } from '#wiring';

/**
 * What the node remembers of one request: a pod's whole set of attachments (plugin `underlane`), or one plugin's
 * (any other name). Written before the first side effect, so that DEL, GC and a restart can undo without asking anybody.
 */
export interface JournalEntry {
  readonly format: 1;
  readonly key: EntryKey;
  /** Name of the network that the runtime asked for, which a GC is about; absent where nobody knows it. */
  readonly root?: string;
  /** CNI_NETNS of the ADD. */
  readonly netns: string;
  readonly pod?: PodRef;
  /** Random; goes into planned MACs. */
  readonly nonce: string;
  readonly state: EntryState;
  readonly cniVersion: string;
  readonly attachments: readonly AttachmentRecord[];
  /** Set on what a delegate of ours asked for while we ran it, and on what came to a running pod: undone with its parent. */
  readonly parent?: string;
  /** How a pod's networks were asked for, so that more can be asked for in the same way. */
  readonly origin?: RequestOrigin;
  /** A change of a running pod's networks that is not through: interfaces that go again unless it comes to its end. */
  readonly plugging?: readonly string[];
  /** The pod's network-status does not tell yet what is. */
  readonly isStatusDue?: true;
  /** Where its third-party plugins are looked for after the agent's own directories. */
  readonly binDir?: string;
  /** Set on what another program attached before we came, of which only third-party plugins are known. */
  readonly foreign?: ForeignOrigin;
}

/** The configuration and the CNI_ARGS of a pod's ADD, less what concerns its default interface alone. */
export interface RequestOrigin {
  readonly config: JsonObject;
  readonly args: Readonly<Record<string, string>>;
}

/** What an adopted entry was read from. */
export interface ForeignOrigin {
  /** Gone with the entry, and not before: their owner may come back. */
  readonly files: readonly string[];
}

/**
 * ```
 * adding ──> added ──> deleting ──> undone ──> (no entry)
 *    └───────────────────^
 * ```
 * `adding`: perhaps half made. `deleting`: perhaps half undone. `undone`: nothing in the kernel any more, the addresses
 * still to be given back; only then they no longer count as bound.
 */
export type EntryState = 'adding' | 'added' | 'deleting' | 'undone';

/** A request's identity: CNI says container and interface; plugin and network tell a chain's calls apart. */
export interface EntryKey {
  readonly containerId: string;
  readonly ifname: string;
  readonly plugin: string;
  readonly network: string;
}

export interface PodRef {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** One network on the pod under one interface name. */
export interface AttachmentRecord {
  /** The CNI network's name. */
  readonly network: string;
  /** `namespace/name` of the NetworkAttachmentDefinition, where there is one. */
  readonly nad?: string;
  readonly ifname: string;
  /** The element of the pod's networks annotation that asked for it. */
  readonly selection?: NetworkSelection;
  /** It is being taken from a running pod: perhaps half undone. */
  readonly isLeaving?: true;
  /** It makes no interface of its own: neither the pod's status nor an Event tells of it. */
  readonly isAuxiliary?: boolean;
  /** The network forbids CHECK. */
  readonly disableCheck?: boolean;
  /** The device that it was given of those that device plugins gave to the pod, or that the pod asked for by its ID. */
  readonly deviceId?: string;
  /** Devices of the node that it has to itself, by their IDs. */
  readonly devices?: readonly string[];
  /** Where its plugins tell of its device; gone with the attachment. */
  readonly deviceInfoFile?: string;
  readonly deviceInfo?: DeviceInfo;
  readonly leases: readonly Lease[];
  /** What was done, in order; undone in reverse. */
  readonly segments: readonly Segment[];
  readonly result?: CniResult;
}

/** An address that this attachment holds. */
export type Lease =
  /** `spec` is what it takes to make the claim again when somebody deleted it. */
  | { readonly kind: 'claim'; readonly ref: ClaimRef; readonly spec: IPAllocationSpec }
  /** Node-local: held exactly as long as this record stands. */
  | { readonly kind: 'host-local'; readonly network: string; readonly address: string };

/** A run of in-process plugins (one batch of changes), or one exec'd plugin. */
export type Segment =
  | { readonly kind: 'wiring'; readonly plugins: readonly string[]; readonly changes: readonly Change[] }
  | {
      readonly kind: 'exec';
      /** The program's name: the plugin's type, or its `ipam.type`. */
      readonly type: string;
      /** What it got on stdin at ADD, less `prevResult`. */
      readonly config: PluginConfig;
      /** CNI_ARGS at ADD. */
      readonly args: Readonly<Record<string, string>>;
      /** What went in and what came out; absent until known. */
      readonly prevResult?: CniResult;
      readonly result?: CniResult;
      readonly role: 'plugin' | 'ipam';
      /** The network forbids GC. */
      readonly disableGc?: boolean;
    };

/** The entry's name among files and in logs; unique, since none of the parts may hold a slash. */
export function entryId(key: EntryKey): string {
  return [key.containerId, key.ifname, key.plugin, key.network].map(encodeURIComponent).join('+');
}

/** Whether an entry came to a pod that was running already. */
export function isPlugged({ key, parent }: JournalEntry): boolean {
  return parent !== undefined && key.plugin === 'underlane';
}

/** Whether one of an entry's attachments has the address of a claim. */
export function holdsClaim({ attachments }: JournalEntry, claimName: string): boolean {
  return attachments.some(({ leases }) => leases.some(lease => lease.kind === 'claim' && lease.ref.name === claimName));
}

/** Every change that an entry's own plugins made or planned, in order. */
export function changesOf(entry: JournalEntry): readonly Change[] {
  return entry.attachments.flatMap(({ segments }) =>
    segments.flatMap(segment => (segment.kind === 'wiring' ? segment.changes : [])),
  );
}
