/** A node whose requests to the API server are counted, beside a controller that may take addresses before it does. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PREALLOCATE_LOOP } from '../../src/controller/preallocate/preallocate.ts';
import type { AttachNode } from '../attach/node.ts';
import type { Scene } from '../attach/scene.ts';
import { SECOND_NETWORK } from '../attach/world.ts';
import { createAgentLease, joinAsReplica } from './scene.ts';

export interface CountedNode {
  readonly node: AttachNode;
  /** Verbs of what it has asked the API server for, watches aside. */
  readonly calls: string[];
  /** Starts a replica that takes addresses before pods start. */
  preallocate(): Promise<void>;
}

/** Starts the node in a world whose networks are there already; the pods' default network has no addresses of the cluster. */
export async function startCountedNode({ world, signal, startNode }: Scene): Promise<CountedNode> {
  const { client } = world.cluster;
  rmSync(join(world.dir, 'conf', '10-lan.conflist'));
  writeFileSync(join(world.dir, 'conf', '10-plain.conflist'), JSON.stringify(SECOND_NETWORK));
  await createAgentLease(client, 'n1');
  const calls: string[] = [];
  const node = await startNode({
    onStep: step => {
      if (/^before (get|list|create|patch|delete)$/.test(step)) calls.push(step.replace('before ', ''));
    },
  });
  return {
    node,
    calls,
    async preallocate() {
      const replica = await joinAsReplica(client, signal);
      void PREALLOCATE_LOOP.start(replica, signal);
    },
  };
}
