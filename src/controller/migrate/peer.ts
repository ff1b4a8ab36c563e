import type { KubeObject, Pod, Resource } from '#api';
import type { ForeignObject } from './foreign-object.ts';
import type { ForeignRecord } from './foreign-record.ts';

/** Another allocator whose addresses can be taken over. */
export interface Peer {
  readonly name: PeerName;
  /** Names of programs (the last part of an image's name) that write its objects. */
  readonly images: RegExp;
  /** Whether an address waits for the next pod of the same name while a StatefulSet's pod is away. */
  readonly keepsForStatefulSets: boolean;
  /** Finds its objects, and reads those that hold addresses. */
  read(cluster: ClusterReader): Promise<PeerReading>;
}

export type PeerName = 'spiderpool' | 'whereabouts' | 'kube-ovn';

/** A cluster as peers see it. */
export interface ClusterReader {
  /** All objects of a kind; none where the cluster does not know it. */
  list<T extends KubeObject>(resource: Resource<T>): Promise<readonly T[]>;
  readonly pods: readonly Pod[];
}

export interface PeerReading {
  readonly readings: readonly Reading[];
  /** All objects that it keeps, those without records too. */
  readonly objects: readonly ForeignObject[];
}

/** What one object says. */
export interface Reading {
  readonly records: readonly ForeignRecord[];
  /** What of it cannot be read, in a sentence. */
  readonly problem?: string;
}
