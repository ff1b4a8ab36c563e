import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  IP_ALLOCATIONS,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_IPS,
  KUBE_OVN_SUBNETS,
  NODE_SLICE_POOLS,
  OVERLAPPING_RANGE_IP_RESERVATIONS,
  PODS,
  type Pod,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  WHEREABOUTS_IP_POOLS,
} from '#api';
import { silentLog } from '#base';
import { startController } from '#controller';
import { claimOf, whereaboutsPool } from '../../src/controller/views/testing.ts';
import { VIEWS_LOOP } from '../../src/controller/views/views-loop.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import { eventually, type Target, withCode } from '../api-contract/target.ts';
import { kubectl } from '../kubectl/kubectl.ts';
import type { PeerDefinitions } from './peer-definitions.ts';

/** Views on a server whose definitions of the dialects' kinds are somebody's. */
export function testViews(server: string, definitions: PeerDefinitions, open: () => Promise<Target>): void {
  const has = (name: string): boolean => definitions.crds.some(({ metadata }) => metadata.name === name);

  describe(`views on the ${server} with the definitions of ${definitions.name}`, () => {
    let target: Target;
    let controller: Awaited<ReturnType<typeof startController>> | undefined;

    /** Repeats a check until it passes. */
    async function soon(check: () => Promise<void>): Promise<void> {
      let last: unknown;
      await eventually('a view', async () => {
        try {
          await check();
          return true;
        } catch (error) {
          last = error;
          return undefined;
        }
      }).catch(error => {
        throw last ?? error;
      });
    }

    async function rows(...args: readonly string[]): Promise<readonly string[]> {
      const { stdout, stderr, exitCode } = await kubectl(target.kubeconfigPath, ['get', '--no-headers', ...args]);
      assert.equal(exitCode, 0, stderr);
      return stdout.split('\n').filter(line => line !== '');
    }

    before(async () => {
      target = await open();
      const { client } = target;
      for (const crd of definitions.crds) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
      await eventually('the kinds to be served', async () => {
        try {
          return await Promise.all(
            definitions.crds.map(({ spec: { group, names, versions, scope } }) =>
              client.list({
                ...{ group, version: versions[0]?.name ?? '', plural: names.plural, kind: names.kind },
                isNamespaced: scope === 'Namespaced',
              }),
            ),
          );
        } catch {
          return undefined;
        }
      });
      const options = {
        kubeconfig: target.kubeconfigPath,
        logLevel: 'silent',
        viewsNamespace: target.namespace,
      } as const;
      controller = await startController(options, silentLog, [VIEWS_LOOP]);
    });
    after(async () => {
      await controller?.stop();
      await target.close();
    });

    test('a claim of a Whereabouts range shows in its pool and as a reservation', async () => {
      const { client, namespace } = target;
      const claim = claimOf({ address: '192.168.2.225/28', pool: whereaboutsPool('192.168.2.224-28') });
      const second = claimOf({ address: 'fd00:1::1/64', pool: whereaboutsPool('fd00-1---64'), pod: 'shop/b' });
      for (const object of [claim, second]) await client.create(IP_ALLOCATIONS, object);
      const entry = { id: 'uid-of-a', podref: 'default/a' };
      await soon(async () => {
        const pool = await client.get(WHEREABOUTS_IP_POOLS, { namespace, name: '192.168.2.224-28' });
        assert.partialDeepStrictEqual(pool.spec, { range: '192.168.2.224/28', allocations: { 1: entry } });
        await client.get(WHEREABOUTS_IP_POOLS, { namespace, name: 'fd00-1---64' });
        const names = (await client.list(OVERLAPPING_RANGE_IP_RESERVATIONS, { namespace })).items.map(
          ({ metadata, spec }) => `${metadata.name} ${spec.podref}`,
        );
        assert.deepEqual(names.sort(), ['192.168.2.225 default/a', 'fd00-1--1 shop/b']);
      });
      const { name } = claim.metadata;
      await client.delete(IP_ALLOCATIONS, { name });
      await soon(async () => {
        await assert.rejects(
          client.get(WHEREABOUTS_IP_POOLS, { namespace, name: '192.168.2.224-28' }),
          withCode('NotFound'),
        );
        await assert.rejects(
          client.get(OVERLAPPING_RANGE_IP_RESERVATIONS, { namespace, name: '192.168.2.225' }),
          withCode('NotFound'),
        );
      });
    });

    if (has('nodeslicepools.whereabouts.cni.cncf.io')) {
      test("a node's slice shows in its network's NodeSlicePool", async () => {
        const { client, namespace } = target;
        const pool = whereaboutsPool('f-n1-10.9.1.0-24');
        await client.create(IP_ALLOCATIONS, claimOf({ address: '10.9.1.1/16', pool, scope: 'f' }));
        await soon(async () => {
          const { spec, status } = await client.get(NODE_SLICE_POOLS, { namespace, name: 'f' });
          assert.deepEqual(spec, { range: '10.9.0.0/16', sliceSize: '/24' });
          assert.deepEqual(status?.allocations[0], { nodeName: 'n1', sliceRange: '10.9.1.0/24' });
        });
      });
    }

    test('a pool of ten addresses and two pods print the tables that people know', async () => {
      const { client, namespace } = target;
      await client.create(SPIDER_IP_POOLS, {
        metadata: { name: 'ippool-test' },
        spec: { subnet: '172.18.0.0/16', ips: ['172.18.30.131-172.18.30.140'], gateway: '172.18.0.1' },
      });
      await soon(async () =>
        assert.match((await rows('sp')).join(), /^ippool-test +4 +172\.18\.0\.0\/16 +0 +10 +false$/),
      );
      const pool = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'ippool-test' };
      for (const [name, address, node] of [
        ['web-1', '172.18.30.139/16', 'ipv4-worker'],
        ['web-2', '172.18.30.138/16', 'ipv4-control-plane'],
      ] as const) {
        const { metadata } = await client.create(PODS, { metadata: { name, namespace }, spec: quietPod() });
        const owner = { podUid: metadata.uid ?? '' };
        await client.create(
          IP_ALLOCATIONS,
          claimOf({ address, pool, pod: `${namespace}/${name}`, interface: 'eth0', node, owner }),
        );
      }
      await soon(async () => {
        assert.match((await rows('spiderippool')).join(), /^ippool-test +4 +172\.18\.0\.0\/16 +2 +10 +false$/);
        const [first, second, ...rest] = await rows('spiderendpoints', '-n', namespace);
        assert.deepEqual(rest, []);
        assert.match(first ?? '', /^web-1 +eth0 +ippool-test +172\.18\.30\.139\/16 +ipv4-worker$/);
        assert.match(second ?? '', /^web-2 +eth0 +ippool-test +172\.18\.30\.138\/16 +ipv4-control-plane$/);
      });
      await client.delete(PODS, { namespace, name: 'web-1' }, { gracePeriodSeconds: 0 });
      await client.delete(IP_ALLOCATIONS, { name: 'default-172.18.30.139' });
      // By the view, or by the cluster's garbage collector, which has the pod as its owner.
      await soon(async () =>
        assert.rejects(client.get(SPIDER_ENDPOINTS, { namespace, name: 'web-1' }), withCode('NotFound')),
      );
      await soon(async () =>
        assert.match((await rows('sp')).join(), /^ippool-test +4 +172\.18\.0\.0\/16 +1 +10 +false$/),
      );
    });

    test("a pod's addresses of a Kube-OVN Subnet show there, in its IPPool, as an IP and on the pod", async () => {
      const { client, namespace } = target;
      await client.create(KUBE_OVN_SUBNETS, {
        metadata: { name: 'macvlan' },
        spec: {
          provider: `macvlan.${namespace}`,
          cidrBlock: '172.17.0.9/24,fd00:17::/112',
          excludeIps: ['172.17.0.2..172.17.0.10'],
        },
      });
      const spec = { subnet: 'macvlan', ips: ['172.17.0.20..172.17.0.29'] };
      await client.create(KUBE_OVN_IP_POOLS, { metadata: { name: 'pool-1' }, spec });
      await soon(async () => {
        const [row = ''] = await rows('subnets.kubeovn.io');
        assert.match(
          row,
          /Dual +172\.17\.0\.0\/24,fd00:17::\/112 .* 0 +244 +0 +65533 +\["172\.17\.0\.1\.\.172\.17\.0\.10","fd00:17::1"\]/,
        );
      });
      const { metadata } = await client.create(PODS, { metadata: { name: 'ovn-1', namespace }, spec: quietPod() });
      const pool = { dialect: 'kube-ovn', kind: 'Subnet', name: 'macvlan' };
      for (const [slot, address] of ['172.17.0.20/24', 'fd00:17::20/112'].entries()) {
        const owner = { podUid: metadata.uid ?? '', network: `${namespace}/macvlan`, slot };
        await client.create(IP_ALLOCATIONS, claimOf({ address, pool, pod: `${namespace}/ovn-1`, owner }));
      }
      const name = `ovn-1.${namespace}.macvlan.${namespace}`;
      await soon(async () => {
        assert.match((await rows('subnets.kubeovn.io')).join(), / 1 +243 +1 +65532 /);
        assert.match((await rows('ippools.kubeovn.io')).join(), /^pool-1 +macvlan .* 1 +9 +0 +0$/);
        assert.match(
          (await rows('ips.kubeovn.io')).join(),
          new RegExp(`^${name} +172.17.0.20 +fd00:17::20 +n1 +macvlan$`),
        );
        const { annotations } = (await client.get(PODS, { namespace, name: 'ovn-1' })).metadata;
        assert.deepEqual(annotations, {
          [`macvlan.${namespace}.kubernetes.io/ip_address`]: '172.17.0.20,fd00:17::20',
          [`macvlan.${namespace}.kubernetes.io/cidr`]: '172.17.0.0/24,fd00:17::/112',
          [`macvlan.${namespace}.kubernetes.io/gateway`]: '172.17.0.1,fd00:17::1',
          [`macvlan.${namespace}.kubernetes.io/allocated`]: 'true',
          'underlane.io/kube-ovn-results': `macvlan.${namespace}`,
        });
        const { status } = await client.get(KUBE_OVN_SUBNETS, { name: 'macvlan' });
        assert.equal(status?.v4usingIPrange, '172.17.0.20');
        assert.equal(status?.conditions?.find(({ type }) => type === 'Ready')?.reason, 'SetNonOvnSubnetSuccess');
      });
      await client.delete(PODS, { namespace, name: 'ovn-1' }, { gracePeriodSeconds: 0 });
      for (const claim of ['default-172.17.0.20', 'default-fd00-0017-0000-0000-0000-0000-0000-0020']) {
        await client.delete(IP_ALLOCATIONS, { name: claim });
      }
      await soon(async () => {
        assert.match((await rows('subnets.kubeovn.io')).join(), / 0 +244 +0 +65533 /);
        await assert.rejects(client.get(KUBE_OVN_IPS, { name }), withCode('NotFound'));
      });
    });
  });
}

function quietPod(): Pod['spec'] {
  // A default ServiceAccount is not made for namespaces here.
  const quiet = { automountServiceAccountToken: false, serviceAccountName: 'default' };
  return { containers: [{ name: 'main', image: 'nginx' }], ...quiet };
}
