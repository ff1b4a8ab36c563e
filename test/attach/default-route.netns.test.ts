import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import { setEachScene } from './scene.ts';
import { ip, type World } from './world.ts';

/** `default-route` of the networks annotation on a real kernel. */
const { skip } = skipUnlessRing2();

let world: World;
let node: AttachNode;

setEachScene(skip, async scene => {
  ({ world } = scene);
  node = await scene.startNode();
  // Each has a default route of its own to offer, in both families.
  for (const net of [1, 2]) {
    await world.createNad(`n${net}`, {
      cniVersion: '1.0.0',
      name: `n${net}`,
      type: 'macvlan',
      master: 'up0',
      ipam: {
        type: 'static',
        addresses: [
          { address: `10.${net}.0.5/24`, gateway: `10.${net}.0.1` },
          { address: `fd00:${net}::5/64`, gateway: `fd00:${net}::1` },
        ],
        routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }],
      },
    });
  }
});

interface IpRoute {
  readonly gateway?: string;
  readonly dev?: string;
  readonly nexthops?: readonly { readonly gateway: string; readonly dev: string }[];
}

/** The pod's default routes in its main table as `GATEWAY DEV`. */
function defaultsOf(name: string): readonly string[] {
  return ['-4', '-6'].flatMap(family =>
    (JSON.parse(ip(`-n ul-test-${name} -j ${family} route show default`)) as IpRoute[]).map(
      ({ gateway, dev, nexthops }) =>
        (nexthops ?? [{ gateway, dev }]).map(hop => `${hop.gateway} ${hop.dev}`).join(' + '),
    ),
  );
}

describe('default-route', { skip }, () => {
  const cases: readonly (readonly [what: string, networks: string, defaults: readonly string[]])[] = [
    ['not asked for: the first interface with one keeps it', 'n1, n2', ['172.18.0.1 eth0', 'fd00:1::1 net1']],
    [
      'moves one family and leaves the other',
      '[{"name":"n1","default-route":["10.1.0.254"]},{"name":"n2"}]',
      ['10.1.0.254 net1', 'fd00:1::1 net1'],
    ],
    [
      'gives each family to a network of its own',
      '[{"name":"n1","default-route":["fd00:1::fe"]},{"name":"n2","default-route":["10.2.0.254"]}]',
      ['10.2.0.254 net2', 'fd00:1::fe net1'],
    ],
    [
      'shares the traffic among several gateways',
      '[{"name":"n1"},{"name":"n2","default-route":["10.2.0.2","10.2.0.3","fd00:2::2","fd00:2::3"]}]',
      ['10.2.0.2 net2 + 10.2.0.3 net2', 'fd00:2::2 net2 + fd00:2::3 net2'],
    ],
    [
      "[]: the network's own default routes are the pod's",
      '[{"name":"n1"},{"name":"n2","default-route":[]}]',
      ['10.2.0.1 net2', 'fd00:2::1 net2'],
    ],
  ];
  for (const [index, [what, networks, defaults]] of cases.entries()) {
    test(what, async () => {
      const before = await world.leftOvers();
      const name = `p${index}`;
      const pod = await world.createPod(name, networks);
      const netns = world.makeNetns(name);
      const owner = { name, ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }) };
      await node.call('ADD', { containerId: name, netns, pod: owner });
      assert.deepEqual(defaultsOf(name), defaults);
      await node.call('CHECK', { containerId: name, netns, pod: owner });
      await node.call('DEL', { containerId: name, netns, pod: owner });
      await world.deletePod(name);
      assert.deepEqual((await world.leftOvers()).links, before.links);
      await eventually('the address is released', async () => {
        const { claims, queue, journal } = await world.leftOvers();
        return claims.length + queue.length + journal.length === 0;
      });
    });
  }
});

describe('veth behind a plugin that we exec', { skip }, () => {
  for (const chain of [['cable', 'veth'], ['veth'], ['veth', 'cable'], ['cable', 'veth', 'cable']]) {
    test(`${['macvlan', ...chain].join(' - ')} leaves the pod its default route, and gives the NIC its own`, async () => {
      await world.createNad('mixed', {
        cniVersion: '1.0.0',
        name: 'mixed',
        plugins: [
          {
            type: 'macvlan',
            master: 'up0',
            ipam: {
              type: 'static',
              addresses: [{ address: '172.18.200.5/16', gateway: '172.18.0.254' }],
              routes: [{ dst: '0.0.0.0/0' }],
            },
          },
          ...chain.map(type =>
            type === 'veth'
              ? { type, service_hijack_subnet: ['10.96.0.0/12'], overlay_hijack_subnet: ['10.244.0.0/16'] }
              : { type },
          ),
        ],
      });
      const before = await world.leftOvers();
      const pod = await world.createPod('a', 'mixed');
      const netns = world.makeNetns('a');
      const owner = { name: 'a', ...(pod.metadata.uid === undefined ? {} : { uid: pod.metadata.uid }) };
      await node.call('ADD', { containerId: 'a', netns, pod: owner });
      assert.deepEqual(defaultsOf('a'), ['172.18.0.1 eth0']);
      assert.match(ip('-n ul-test-a -4 route show default table 100'), /^default via 172\.18\.0\.254 dev net1 /m);
      await node.call('CHECK', { containerId: 'a', netns, pod: owner });
      await node.call('DEL', { containerId: 'a', netns, pod: owner });
      await world.deletePod('a');
      assert.deepEqual((await world.leftOvers()).links, before.links);
      assert.deepEqual((await world.leftOvers()).rules, before.rules);
    });
  }
});
