import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  agentLeaseName,
  IP_ALLOCATIONS,
  LEASES,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  PODS,
  type Pod,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
} from '#api';
import { silentLog } from '#base';
import { runMigration, startController } from '#controller';
import { COLLECT_LOOP } from '../../src/controller/collect/collect-claims.ts';
import { PREALLOCATE_LOOP } from '../../src/controller/preallocate/preallocate.ts';
import { eventually, type Target } from '../api-contract/target.ts';
import { deployCrds } from '../cluster/deployed.ts';
import { createAgentLease } from './scene.ts';

/** What the controller does with claims, on any API server: two replicas that both believe that they lead. */
export function testController(server: string, open: () => Promise<Target>): void {
  describe(`the controller on the ${server}`, () => {
    let target: Target;
    const controllers: Awaited<ReturnType<typeof startController>>[] = [];

    before(async () => {
      target = await open();
      const { client, namespace } = target;
      await deployCrds(client);
      const loops = [COLLECT_LOOP, PREALLOCATE_LOOP].map(loop => ({ ...loop, runsOn: 'every' as const }));
      const options = { kubeconfig: target.kubeconfigPath, logLevel: 'silent', namespace } as const;
      for (const identity of ['r1', 'r2']) {
        controllers.push(await startController({ ...options, identity }, silentLog, loops));
      }
      await createNetwork('lan', { type: 'whereabouts', range: '10.31.0.0/24' });
      await createNetwork('pooled', { type: 'spiderpool' });
    });
    after(async () => {
      for (const controller of controllers) await controller.stop();
      await target.close();
    });

    async function createNetwork(name: string, ipam: object): Promise<void> {
      const config = { cniVersion: '1.0.0', name, type: 'macvlan', master: 'up0', ipam };
      const metadata = { name, namespace: target.namespace };
      await target.client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
        metadata,
        spec: { config: JSON.stringify(config) },
      });
    }

    function createPod(name: string, annotations: Readonly<Record<string, string>>, nodeName: string): Promise<Pod> {
      const spec = { nodeName, containers: [{ name: 'c', image: 'none:1' }] };
      return target.client.create(PODS, { metadata: { name, namespace: target.namespace, annotations }, spec });
    }

    async function claimsOf(podUid: string | undefined) {
      const { items } = await target.client.list(IP_ALLOCATIONS);
      return items.filter(({ spec }) => spec.owner.podUid === podUid);
    }

    async function createNode(name: string): Promise<void> {
      await target.client.create(NODES, { metadata: { name } });
      await createAgentLease(target.client, name, target.namespace);
    }

    const ON_LAN = { 'k8s.v1.cni.cncf.io/networks': 'lan' };

    test('takes the addresses of pods that have a node, each at least once, none twice', async () => {
      await createNode('n1');
      const pods = await Promise.all(Array.from({ length: 20 }, (_, index) => createPod(`p${index}`, ON_LAN, 'n1')));
      for (const { metadata } of pods) {
        await eventually('its claim', async () => ((await claimsOf(metadata.uid)).length > 0 ? true : undefined));
      }
      const { items } = await target.client.list(IP_ALLOCATIONS);
      assert.equal(new Set(items.map(({ spec }) => spec.address)).size, items.length);
      for (const { spec } of items) assert.deepEqual([spec.node, spec.owner.interface], ['n1', 'net1']);
    });

    test('gives back the claims of a node that was deleted and has no agent, and no others', async () => {
      const { client } = target;
      await createNode('n2');
      const dead = await createPod('dead', ON_LAN, 'n2');
      await eventually('its claim', async () => ((await claimsOf(dead.metadata.uid)).length > 0 ? true : undefined));
      const others = (await client.list(IP_ALLOCATIONS)).items.filter(({ spec }) => spec.node === 'n1').length;
      await client.delete(LEASES, { namespace: target.namespace, name: agentLeaseName('n2') });
      await client.delete(NODES, { name: 'n2' });
      await eventually('the end of its claim', async () =>
        (await claimsOf(dead.metadata.uid)).length === 0 ? true : undefined,
      );
      assert.equal((await client.list(IP_ALLOCATIONS)).items.length, others);
    });

    test('takes over what pods have of Spiderpool, on objects as Spiderpool writes them', async () => {
      const { client, namespace, kubeconfigPath } = target;
      const finalizers = ['spiderpool.spidernet.io'];
      const pool = await client.create(SPIDER_IP_POOLS, {
        metadata: { name: 'pool4', finalizers },
        spec: { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'], gateway: '10.6.0.1' },
      });
      // Its network is made after it runs: nothing is taken before.
      const pod = await createPod('old', {}, 'n1');
      const podUid = pod.metadata.uid ?? '';
      const annotations = {
        'k8s.v1.cni.cncf.io/networks': 'pooled',
        'ipam.spidernet.io/ippool': JSON.stringify({ ipv4: ['pool4'] }),
      };
      const name = { namespace, name: 'old' };
      await client.mergePatch(PODS, name, { status: { phase: 'Running' } }, { subresource: 'status' });
      await client.mergePatch(PODS, name, { metadata: { annotations } });
      const allocatedIPs = JSON.stringify({ '10.6.0.12': { pod: `${namespace}/old`, podUid } });
      const status = { allocatedIPs, totalIPCount: 11, allocatedIPCount: 1 };
      await client.mergePatch(SPIDER_IP_POOLS, pool.metadata, { status }, { subresource: 'status' });
      const ips = [{ interface: 'net1', ipv4: '10.6.0.12/16', ipv4Pool: 'pool4' }];
      const current = { uid: podUid, node: 'n1', ips };
      await client.create(SPIDER_ENDPOINTS, {
        metadata: { ...name, finalizers },
        status: { current, ownerControllerType: 'Pod', ownerControllerName: 'old' },
      });
      const options = { from: 'spiderpool', kubeconfig: kubeconfigPath, namespace, logLevel: 'silent' } as const;
      for (const [isDryRun, outcome, count] of [
        [true, 'missing', 0],
        [false, 'imported', 1],
      ] as const) {
        const report = await runMigration({ ...options, isDryRun, isForced: false });
        assert.deepEqual(
          report.addresses.map(one => [one.address, one.interface, one.outcome]),
          [['10.6.0.12', 'net1', outcome]],
        );
        assert.deepEqual([report.refused, report.writers, report.problems], [undefined, [], []]);
        assert.equal((await claimsOf(podUid)).length, count);
      }
      for (const { metadata } of [
        await client.get(SPIDER_IP_POOLS, { name: 'pool4' }),
        await client.get(SPIDER_ENDPOINTS, name),
      ]) {
        assert.deepEqual(metadata.finalizers ?? [], []);
      }
    });
  });
}
