import type { Pod } from './core.ts';
import type { KubeObject, Resource } from './object.ts';

/** Trimmed to what Underlane reads. */
export interface StatefulSet extends KubeObject {
  readonly spec: {
    readonly replicas?: number;
    readonly ordinals?: { readonly start?: number };
    readonly template?: { readonly metadata?: Partial<Pod['metadata']> };
  };
}

export const STATEFUL_SETS: Resource<StatefulSet> = {
  group: 'apps',
  version: 'v1',
  plural: 'statefulsets',
  kind: 'StatefulSet',
  isNamespaced: true,
};

/** Whether a StatefulSet has, or is to have, a pod of this name. */
export function hasMember({ metadata, spec }: StatefulSet, podName: string): boolean {
  const ordinal = podName.startsWith(`${metadata.name}-`) ? podName.slice(metadata.name.length + 1) : '';
  if (!/^(0|[1-9]\d*)$/.test(ordinal)) return false;
  const start = spec.ordinals?.start ?? 0;
  return Number(ordinal) >= start && Number(ordinal) < start + (spec.replicas ?? 1);
}
