import { after, before, describe } from 'node:test';
import { testClientNode } from './client-node.ts';
import { testCustomResources } from './custom-resources.ts';
import { testDeletion } from './deletion.ts';
import { testIpamClaims } from './ipam-claims.ts';
import { testKubectl } from './kubectl.ts';
import { testLeases } from './leases.ts';
import { testObjects } from './objects.ts';
import { testPods } from './pods.ts';
import { testServices } from './services.ts';
import type { Target } from './target.ts';
import { testWatches } from './watches.ts';
import { testWebhooks } from './webhooks.ts';

/**
 * What Underlane expects of a Kubernetes API server. It runs on the sandbox's own server and on a real kube-apiserver: what
 * passes there is what the small one must do as well.
 */
export function testApiServer(name: string, open: () => Promise<Target>): void {
  describe(`api contract: ${name}`, () => {
    let opened: Target | undefined;
    const target = (): Target => {
      if (opened === undefined) throw new Error('The target is not open yet');
      return opened;
    };
    before(async () => {
      opened = await open();
    });
    after(() => opened?.close());
    describe('objects', () => testObjects(target));
    describe('deletion', () => testDeletion(target));
    describe('pods', () => testPods(target));
    describe('services', () => testServices(target));
    describe('leases', () => testLeases(target));
    describe('watches', () => testWatches(target));
    describe('custom resources', () => testCustomResources(target));
    describe('IPAMClaims', () => testIpamClaims(target));
    describe('webhooks', () => testWebhooks(target));
    describe('client-node', () => testClientNode(target));
    describe('kubectl', () => testKubectl(target));
  });
}
