import { describe } from 'node:test';
import type { Target } from '../api-contract/target.ts';
import { skipWithoutKubectl } from '../kubectl/kubectl.ts';
import { testClaims } from './claims.ts';
import { testNetworks } from './networks.ts';
import { testPools } from './pools.ts';
import { testReplicas } from './replicas.ts';
import { setWebhookScene } from './scene.ts';

/** What people meet at `kubectl apply`, on any API server that asks webhooks. */
export function testWebhooks(name: string, open: () => Promise<Target>): void {
  describe(`webhooks: ${name}`, skipWithoutKubectl(), () => {
    const scene = setWebhookScene(open);
    testNetworks(scene);
    testPools(scene);
    testClaims(scene);
    testReplicas(scene);
  });
}
