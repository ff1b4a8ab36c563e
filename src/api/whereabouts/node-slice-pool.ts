import type { KubeObject, Resource } from '../object.ts';

/** Which part of a range is which node's, as Whereabouts keeps it. Here a view. */
export interface NodeSlicePool extends KubeObject {
  readonly spec: NodeSlicePoolSpec;
  readonly status?: NodeSlicePoolStatus;
}

export interface NodeSlicePoolSpec {
  readonly range: string;
  /** Prefix length of a slice: `/24` or `24`. */
  readonly sliceSize: string;
}

export interface NodeSlicePoolStatus {
  readonly allocations: readonly NodeSlice[];
}

export interface NodeSlice {
  /** Empty: nobody's. */
  readonly nodeName: string;
  readonly sliceRange: string;
}

export const NODE_SLICE_POOLS: Resource<NodeSlicePool> = {
  group: 'whereabouts.cni.cncf.io',
  version: 'v1alpha1',
  plural: 'nodeslicepools',
  kind: 'NodeSlicePool',
  isNamespaced: true,
};
