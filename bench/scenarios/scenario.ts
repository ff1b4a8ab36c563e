import type { ClusterPrograms } from '../../test/cluster/open-cluster.ts';
import type { Stopwatch } from '../stopwatch.ts';

/** How a scenario measures. */
export interface Measuring {
  readonly runs: number;
  /** The dist of another build, to be measured in turns with this one. */
  readonly against?: string;
}

/** What a scenario works with. */
export interface ScenarioContext {
  /** Its own; the C programs are in the folder above. */
  readonly workDir: string;
  readonly options: Measuring;
  /** Where Debian's plugins are, if they are. */
  readonly debian: string | undefined;
  readonly stopwatch: Stopwatch;
  /** Where a real API server and etcd are, if they are. */
  readonly cluster: ClusterPrograms | undefined;
}

/** The builds to measure: this checkout's, and the one to compare it with. */
export function distsOf({ against }: Measuring): readonly (readonly [label: string, dist: string])[] {
  return [['underlane', 'dist'], ...(against === undefined ? [] : [['against', against] as const])];
}
