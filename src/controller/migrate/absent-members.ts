import { controllerReference, hasMember, type Pod, STATEFUL_SETS, type StatefulSet } from '#api';
import type { ForeignRecord } from './foreign-record.ts';

/** What is known of a cluster in which members of StatefulSets are looked for. */
export interface MemberSources {
  readonly sets: readonly StatefulSet[];
  readonly pods: readonly Pod[];
  /** Where claims go whose record names no node: whichever, since the next pod takes them along. */
  readonly node: string;
}

/**
 * The pod that a record is of, as its StatefulSet is to make it again: it is not there at this moment, and comes back as
 * the same one. undefined where it is there, or no StatefulSet is to have it. Pure.
 */
export function absentMember(record: ForeignRecord, { sets, pods, node }: MemberSources): Pod | undefined {
  const { pod } = record;
  if (pod === undefined) return undefined;
  const { namespace, name } = pod;
  const isOf = ({ metadata }: StatefulSet | Pod): boolean => (metadata.namespace ?? 'default') === namespace;
  if (pods.some(one => one.metadata.name === name && isOf(one))) return undefined;
  const set = sets.find(one => isOf(one) && one.metadata.deletionTimestamp === undefined && hasMember(one, name));
  if (set === undefined) return undefined;
  const uid = set.metadata.uid ?? '';
  const { labels, annotations } = set.spec.template?.metadata ?? {};
  return {
    metadata: {
      namespace,
      name,
      // Where nobody knows its former pod's, one that no pod has.
      uid: pod.uid ?? uid,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [controllerReference(STATEFUL_SETS, set)],
    },
    spec: { nodeName: record.node ?? node },
  };
}
