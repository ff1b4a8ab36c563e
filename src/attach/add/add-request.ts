import type { Pod } from '#api';
import type { Aside } from '#base';
import type { CniRequest } from '#cni';
import type { PodInterface } from '#ipam';
import type { EntryKey, PodRef } from '../journal/entry.ts';
import type { AttachmentPlan } from '../resolve/attachment-plan.ts';

/** An ADD, looked up and checked: nothing of it is made yet. */
export interface AddRequest {
  readonly cni: CniRequest;
  readonly key: EntryKey;
  readonly plans: readonly AttachmentPlan[];
  /** The pod that owns the addresses; without one the container does. */
  readonly pod?: PodRef;
  /** The pod as read, where there is one. */
  readonly podObject?: Pod;
  /** Interfaces that the pod has already. */
  readonly siblings?: readonly PodInterface[];
  /** The pod as read, when its network-status is ours to write. */
  readonly statusOf?: Pod;
  /** Set on a call that a delegate of ours makes: the id of the entry it works for. */
  readonly parent?: string;
  /** Where third-party plugins are looked for after the agent's own directories. */
  readonly binDir?: string;
  /** How to wait for what others make, with the place given to other pods. */
  readonly aside?: Aside;
}

/** parseRequest lets no ADD through without. */
export function netnsOf(request: AddRequest): string {
  return request.cni.netns ?? '';
}
