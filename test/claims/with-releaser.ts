import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IPAllocation } from '#api';
import { silentLog, systemClock } from '#base';
import { createReleaser, type Releaser } from '#ipam';
import { podState } from '../../src/attach/pod.ts';
import type { TestCluster, TestNode } from './cluster.ts';

/** Runs with a releaser of the node over the pods as the API server has them, for which nothing is bound. */
export async function withReleaser(
  cluster: TestCluster,
  node: TestNode,
  run: (releaser: Releaser) => Promise<void>,
  isSpare: (claim: IPAllocation) => boolean = () => false,
): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-claims-'));
  const ending = new AbortController();
  const pods = {
    find: () => undefined,
    list: () => [],
    isFresh: false,
    ready: async () => {},
    subscribe: () => () => {},
  };
  const releaser = createReleaser({
    dir,
    store: node.store,
    client: node.client,
    node: node.name,
    isBound: () => false,
    isSpare,
    podState: (ns, name, uid) => podState({ client: cluster.client, pods }, { namespace: ns, name, uid }),
    clock: systemClock,
    log: silentLog,
    signal: ending.signal,
  });
  try {
    await run(releaser);
  } finally {
    ending.abort();
    rmSync(dir, { recursive: true });
  }
}
