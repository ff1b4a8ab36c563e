import type { BenchCluster } from './bench-cluster.ts';
import type { CniContestant } from './contestants.ts';
import type { ContestantResult } from './run-rounds.ts';
import type { Stopwatch } from './stopwatch.ts';

/** Many pods with an API server, so many at once. */
export interface PodsResult extends ContestantResult {
  /** Networks beside the default one. */
  readonly networks: number;
  readonly atOnce: number;
}

/** How many pods at once, and how many there are then. */
const CROWDS: readonly { readonly atOnce: number; readonly pods: number }[] = [
  { atOnce: 1, pods: 20 },
  { atOnce: 10, pods: 50 },
  { atOnce: 50, pods: 50 },
];

/** Lets the contestants attach and detach the same crowds of pods in turns, `repeats` times. */
export async function runPods(
  cluster: BenchCluster,
  contestantsFor: (networks: number) => readonly CniContestant[],
  stopwatch: Stopwatch,
  repeats: number,
): Promise<readonly PodsResult[]> {
  const results: PodsResult[] = [];
  for (const networks of [0, 1, 3]) {
    for (const { atOnce, pods } of CROWDS) {
      const contestants = contestantsFor(networks);
      const rows = contestants.map(({ name }) => ({
        name,
        networks,
        atOnce,
        add: [] as number[],
        del: [] as number[],
      }));
      process.stderr.write(`${pods} pods with ${networks} more networks, ${atOnce} at once\n`);
      for (let repeat = 0; repeat < repeats; repeat++) {
        for (let turn = 0; turn < contestants.length; turn++) {
          const index = (turn + repeat) % contestants.length;
          const contestant = contestants[index];
          if (contestant === undefined) continue;
          const { add, del } = await runCrowd(cluster, contestant, stopwatch, { networks, atOnce, pods });
          rows[index]?.add.push(...add);
          rows[index]?.del.push(...del);
        }
      }
      results.push(...rows);
    }
  }
  return results;
}

/** What to do between the steps of a crowd. */
export interface CrowdHooks {
  readonly beforeAdd?: () => void | Promise<void>;
  readonly afterAdd?: () => void | Promise<void>;
  readonly afterDel?: () => void | Promise<void>;
}

/** Attaches so many pods, then detaches them. */
export async function runCrowd(
  cluster: BenchCluster,
  contestant: CniContestant,
  stopwatch: Stopwatch,
  crowd: { readonly networks: number; readonly atOnce: number; readonly pods: number },
  hooks: CrowdHooks = {},
): Promise<{ readonly add: readonly number[]; readonly del: readonly number[] }> {
  const pods = await cluster.makePods(crowd.pods, crowd.networks);
  await hooks.beforeAdd?.();
  const added = stopwatch.time(
    pods.map(pod => contestant.add(pod)),
    crowd.atOnce,
  );
  await hooks.afterAdd?.();
  const deleted = stopwatch.time(
    pods.map((pod, index) => contestant.del(pod, added[index]?.stdout ?? [])),
    crowd.atOnce,
  );
  await hooks.afterDel?.();
  await cluster.removePods(pods);
  const ms = ({ ns }: { readonly ns: number }): number => ns / 1e6;
  return { add: added.map(ms), del: deleted.map(ms) };
}
