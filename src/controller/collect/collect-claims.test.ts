import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  agentLeaseName,
  IP_ALLOCATIONS,
  type IPAllocationSpec,
  LEASES,
  NODES,
  PODS,
  STATEFUL_SETS,
  type StatefulSet,
} from '#api';
import { type Clock, systemClock } from '#base';
import {
  type ControllerScene,
  eventually,
  type JoinOptions,
  withControllerScene,
} from '../../../test/controller/scene.ts';
import type { ControllerDeps } from '../deps.ts';
import { collectOnce } from './collect-claims.ts';
import { createSightings } from './sightings.ts';

const OUT = { key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' };

/** A clock that is moved by hand. */
function manualClock(): Clock & { at: number } {
  return {
    ...systemClock,
    at: 0,
    now() {
      return this.at;
    },
  };
}

/** A cluster with nodes n1 and n2, agents on both, and one who looks at them. */
async function withNodes(
  run: (scene: {
    readonly client: ControllerScene['client'];
    readonly deps: ControllerDeps;
    /** Lets time pass, and looks once. @returns the names of the claims that are left */
    look(afterMs: number, blind?: 'blind'): Promise<readonly string[]>;
    renew(node: string): Promise<void>;
    claim(address: string, owner: Partial<IPAllocationSpec['owner']>, more?: Partial<IPAllocationSpec>): Promise<void>;
  }) => Promise<void>,
  options: JoinOptions['options'] = {},
): Promise<void> {
  await withControllerScene(async ({ client, join, signal }) => {
    const clock = manualClock();
    const deps = await join({ clock, options });
    const sightings = createSightings(clock);
    let renewals = 0;
    const renew = async (node: string): Promise<void> => {
      const name = { namespace: 'kube-system', name: agentLeaseName(node) };
      const renewTime = `2026-01-01T00:00:${String(renewals++ % 60).padStart(2, '0')}.000000Z`;
      const { metadata } = await client.mergePatch(LEASES, name, { spec: { renewTime } });
      await eventually(
        'the renewal',
        async () => deps.leases.find(name)?.metadata.resourceVersion === metadata.resourceVersion,
      );
    };
    for (const node of ['n1', 'n2']) {
      await client.create(NODES, {
        metadata: { name: node },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      });
      const metadata = { namespace: 'kube-system', name: agentLeaseName(node) };
      await client.create(LEASES, { metadata, spec: { holderIdentity: node, leaseDurationSeconds: 40 } });
    }
    await eventually('nodes and Leases', async () => deps.nodes.list().length === 2 && deps.leases.list().length === 2);
    await run({
      client,
      deps,
      renew,
      async look(afterMs, blind) {
        clock.at += afterMs;
        const seen = blind === undefined ? deps : { ...deps, leases: { ...deps.leases, isFresh: false } };
        await collectOnce(seen, sightings, signal);
        const { items } = await client.list(IP_ALLOCATIONS);
        await eventually('the claims', async () => deps.claims.list().length === items.length);
        return items.map(({ metadata }) => metadata.name);
      },
      async claim(address, owner, more = {}) {
        const spec: IPAllocationSpec = {
          address: `${address}/24`,
          pool: { dialect: 'whereabouts', kind: 'Range', name: '10.0.0.0-24' },
          owner: { network: 'default/lan', interface: 'net1', slot: 0, ...owner },
          node: 'n1',
          policy: 'Ephemeral',
          ...more,
        };
        const { metadata } = await client.create(IP_ALLOCATIONS, { metadata: { name: `lan-${address}` }, spec });
        await eventually('the claim', async () => deps.claims.find(metadata) !== undefined);
      },
    });
  });
}

function podOwner(podName: string, podUid = `uid-of-${podName}`) {
  return { podNamespace: 'default', podName, podUid };
}

test("collectOnce() gives back claims of a deleted Node once its agent has fallen silent, and nobody else's", async () => {
  await withNodes(async ({ client, deps, look, renew, claim }) => {
    await claim('10.0.0.1', podOwner('a'));
    await claim('10.0.0.2', { containerId: 'c1' });
    await claim('10.0.0.3', podOwner('b'), { node: 'n2' });
    const all = ['lan-10.0.0.1', 'lan-10.0.0.2', 'lan-10.0.0.3'];
    assert.deepEqual(await look(0), all);
    await client.delete(NODES, { name: 'n1' });
    await eventually('the end of the Node', async () => deps.nodes.list().length === 1);
    await renew('n2');
    assert.deepEqual(await look(39_000), all);
    await renew('n1');
    await renew('n2');
    assert.deepEqual(await look(2_000), all, 'its agent lives');
    await renew('n2');
    assert.deepEqual(await look(41_000), ['lan-10.0.0.3']);
    // Its Lease goes when nothing depends on it any more.
    await renew('n2');
    await look(300_000);
    await eventually('the end of the Lease', async () => {
      await renew('n2');
      await look(10_000);
      return (await client.list(LEASES, { namespace: 'kube-system' })).items.length === 1;
    });
  });
});

test('collectOnce() gives back what is certainly not running of a node whose agent is silent beyond the fence', async () => {
  await withNodes(async ({ client, deps, look, claim }) => {
    const live = await client.create(PODS, {
      metadata: { name: 'live', namespace: 'default' },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
    });
    await eventually('the pod', async () => deps.pods.list().length === 1);
    await claim('10.0.0.1', podOwner('live', live.metadata.uid ?? ''));
    await claim('10.0.0.2', podOwner('gone'));
    await claim('10.0.0.3', { containerId: 'c1' });
    await look(0);
    assert.equal((await look(299_000)).length, 3);
    assert.deepEqual(await look(1_000), ['lan-10.0.0.1', 'lan-10.0.0.3']);
  });
});

test('collectOnce() keeps what a StatefulSet keeps, and gives back what it has no pod for any more', async () => {
  await withNodes(async ({ client, deps, look, claim }) => {
    const set: StatefulSet = { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 1 } };
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'x' }] } };
    const { metadata } = await client.create(STATEFUL_SETS, {
      ...set,
      spec: { ...set.spec, serviceName: 'web', selector: { matchLabels: { app: 'web' } }, template },
    } as StatefulSet);
    const workload = { kind: 'StatefulSet', name: 'web', uid: metadata.uid ?? '' } as const;
    await claim('10.0.0.1', { ...podOwner('web-0'), workload: { ...workload, member: 'web-0' } }, { policy: 'Sticky' });
    await claim('10.0.0.2', { ...podOwner('web-1'), workload: { ...workload, member: 'web-1' } }, { policy: 'Sticky' });
    await claim(
      '10.0.0.3',
      { ...podOwner('old-0'), workload: { ...workload, uid: 'former', member: 'web-0' } },
      { policy: 'Sticky' },
    );
    await client.mergePatch(NODES, { name: 'n1' }, { spec: { taints: [OUT] } });
    await eventually('the taint', async () => deps.nodes.find({ name: 'n1' })?.spec?.taints?.length === 1);
    assert.equal((await look(0)).length, 3, 'its agent lives');
    assert.deepEqual(await look(41_000), ['lan-10.0.0.1']);
  });
});

test('collectOnce() leaves terminating pods of a node that is not ready alone, unless told to be unsafe', async () => {
  for (const reclaimsNotReady of [false, true]) {
    await withNodes(
      async ({ client, deps, look, claim }) => {
        const pod = await client.create(PODS, {
          metadata: { name: 'a', namespace: 'default', finalizers: ['example.com/hold'] },
          spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
        });
        await client.delete(PODS, { namespace: 'default', name: 'a' });
        await claim('10.0.0.1', podOwner('a', pod.metadata.uid ?? ''));
        const status = { conditions: [{ type: 'Ready', status: 'Unknown' }] };
        await client.mergePatch(NODES, { name: 'n1' }, { status }, { subresource: 'status' });
        await eventually('all of it', async () => {
          const known = deps.pods.find(pod.metadata as { name: string; namespace: string });
          const [ready] = deps.nodes.find({ name: 'n1' })?.status?.conditions ?? [];
          return known?.metadata.deletionTimestamp !== undefined && ready?.status === 'Unknown';
        });
        await look(0);
        assert.equal((await look(1_000_000)).length, reclaimsNotReady ? 0 : 1);
      },
      { reclaimsNotReady },
    );
  }
});

test('collectOnce() counts silence anew after it could not look', async () => {
  await withNodes(async ({ look, claim }) => {
    await claim('10.0.0.1', podOwner('gone'));
    await look(0);
    await look(250_000);
    await look(40_000, 'blind');
    assert.equal((await look(60_000)).length, 1);
    assert.equal((await look(300_000)).length, 0);
  });
});

test('collectOnce() lets an address go on with the virtual machine that was leaving a node which died', async () => {
  await withNodes(async ({ client, deps, look, claim }) => {
    const target = await client.create(PODS, {
      metadata: { name: 'vm-b', namespace: 'default' },
      spec: { nodeName: 'n2', containers: [{ name: 'c', image: 'x' }] },
    });
    const heir = { podName: 'vm-b', podUid: target.metadata.uid ?? '', node: 'n2' };
    const workload = { kind: 'VirtualMachineInstance', name: 'vm', uid: 'uid-of-vm' } as const;
    await claim('10.0.0.1', { ...podOwner('vm-a'), workload }, { policy: 'Sticky', heir });
    await client.delete(NODES, { name: 'n1' });
    await eventually('the end of the Node', async () => deps.nodes.list().length === 1);
    await look(0);
    assert.deepEqual(await look(41_000), ['lan-10.0.0.1']);
    const { spec } = await client.get(IP_ALLOCATIONS, { name: 'lan-10.0.0.1' });
    assert.deepEqual([spec.node, spec.owner.podName, spec.heir], ['n2', 'vm-b', undefined]);
  });
});

test('collectOnce() does no harm when two do it at once', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    for (let index = 0; index < 50; index++) {
      const spec: IPAllocationSpec = {
        address: `10.0.0.${index}/24`,
        pool: { dialect: 'whereabouts', kind: 'IPPool', name: '10.0.0.0-24' },
        owner: { ...podOwner(`p${index}`), network: 'default/lan', interface: 'net1', slot: 0 },
        // One in five of a node that lives.
        node: index % 5 === 0 ? 'n1' : 'dead',
        policy: 'Ephemeral',
      };
      await client.create(IP_ALLOCATIONS, { metadata: { name: `lan-10.0.0.${index}` }, spec });
    }
    await client.create(NODES, { metadata: { name: 'n1' } });
    const replicas = [await join(), await join()];
    await Promise.all(replicas.map(deps => collectOnce(deps, createSightings(deps.clock), signal)));
    const left = (await client.list(IP_ALLOCATIONS)).items;
    assert.deepEqual([left.length, new Set(left.map(({ spec }) => spec.node))], [10, new Set(['n1'])]);
  });
});

test('collectOnce() deletes nothing by what it knew of a node a minute ago', async () => {
  await withControllerScene(async ({ client, join, signal }) => {
    const clock = manualClock();
    let stoppedMs = 60_000;
    const deps = await join({
      clock,
      // Somebody stops the process when it has just read the Node for the last time.
      wrap: plain => ({
        ...plain,
        get: async (resource, ...rest) => {
          try {
            return await plain.get(resource, ...rest);
          } finally {
            if (resource.plural === NODES.plural) clock.at += stoppedMs;
          }
        },
      }),
    });
    const spec: IPAllocationSpec = {
      address: '10.0.0.1/24',
      pool: { dialect: 'whereabouts', kind: 'IPPool', name: '10.0.0.0-24' },
      owner: { ...podOwner('a'), network: 'default/lan', interface: 'net1', slot: 0 },
      node: 'gone',
      policy: 'Ephemeral',
    };
    await client.create(IP_ALLOCATIONS, { metadata: { name: 'lan-10.0.0.1' }, spec });
    await eventually('the claim', async () => deps.claims.list().length === 1);
    const look = async (): Promise<number> => {
      await collectOnce(deps, createSightings(clock), signal);
      return (await client.list(IP_ALLOCATIONS)).items.length;
    };
    assert.equal(await look(), 1);
    stoppedMs = 0;
    assert.equal(await look(), 0);
  });
});
