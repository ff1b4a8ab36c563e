import type { ClusterPrograms } from '../test/cluster/open-cluster.ts';
import type { BenchOptions } from './options.ts';

/** What the part of the bench outside of its namespaces tells the part inside. */
export interface InsideArguments {
  readonly options: BenchOptions;
  /** Where a real API server and etcd are, if they are. */
  readonly cluster?: ClusterPrograms;
}
