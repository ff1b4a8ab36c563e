/** What the tests of Spiderpool's pools in the pipeline share: pools, pods with its annotations, and what a pod has in the end. */
import { existsSync } from 'node:fs';
import { PODS, type Pod, SPIDER_IP_POOLS, type SpiderIPPoolSpec } from '#api';
import { eventually } from '../agent/test-node.ts';
import type { AttachNode } from './node.ts';
import type { World } from './world.ts';

const KEY = 'ipam.spidernet.io/';

export interface SpiderpoolScene {
  /** A network of macvlans whose addresses are Spiderpool's. */
  createNad(name: string, ipam?: Readonly<Record<string, unknown>>): Promise<void>;
  createPool(name: string, spec?: Partial<SpiderIPPoolSpec>): Promise<void>;
  changePool(name: string, spec: Partial<SpiderIPPoolSpec>): Promise<void>;
  /**
   * @param annotations of ipam.spidernet.io, as values
   * @param others annotations as they are
   */
  createPod(
    name: string,
    annotations: Values,
    networks?: string,
    owner?: Owner,
    others?: Readonly<Record<string, string>>,
  ): Promise<Pod>;
  /** A sandbox of the pod: its first, or another one. */
  add(pod: Pod, sandbox?: string): Promise<string>;
  /** The pod goes, and its sandbox. */
  end(pod: string, sandbox?: string): Promise<void>;
  claimsOf(pool: string): Promise<readonly string[]>;
  eventuallyHeld(pool: string, count: number): Promise<void>;
}

export type Values = Readonly<Record<string, unknown>>;

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
}

export function spiderpoolScene(world: World, node: AttachNode): SpiderpoolScene {
  const { client } = world.cluster;
  async function claimsOf(pool: string): Promise<readonly string[]> {
    const claims = await world.cluster.claims();
    return claims.flatMap(({ spec }) => (spec.pool.name === pool ? [spec.address] : [])).sort();
  }
  return {
    createNad(name, ipam = {}) {
      const macvlan = { type: 'macvlan', master: 'up0', ipam: { type: 'spiderpool', ...ipam } };
      return world.createNad(name, { cniVersion: '1.0.0', name, plugins: [macvlan] });
    },
    async createPool(name, spec = {}) {
      await client.create(SPIDER_IP_POOLS, {
        metadata: { name },
        spec: { subnet: '172.18.0.0/16', ips: ['172.18.40.1-172.18.40.10'], gateway: '172.18.0.1', ...spec },
      });
    },
    async changePool(name, spec) {
      await client.mergePatch(SPIDER_IP_POOLS, { name }, { spec });
    },
    createPod: (name, annotations, networks = 'lan', owner, others = {}) =>
      client.create(PODS, {
        metadata: {
          name,
          namespace: 'default',
          annotations: { 'k8s.v1.cni.cncf.io/networks': networks, ...textsOf(annotations), ...others },
          ...(owner === undefined ? {} : { ownerReferences: [{ ...owner, controller: true }] }),
        },
        spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
      }),
    async add({ metadata: { name, uid } }, sandbox = name) {
      const path = `/run/netns/ul-test-${sandbox}`;
      const netns = existsSync(path) ? path : world.makeNetns(sandbox);
      return node.call('ADD', { containerId: sandbox, netns, pod: { name, ...(uid === undefined ? {} : { uid }) } });
    },
    async end(pod, sandbox = pod) {
      await node.call('DEL', { containerId: sandbox, pod: { name: pod } });
      await world.deletePod(pod);
    },
    claimsOf,
    async eventuallyHeld(pool, count) {
      await eventually(`${count} addresses of ${pool} are held`, async () => (await claimsOf(pool)).length === count);
    },
  };
}

/** Annotations as they stand in a manifest. */
export function textsOf(values: Values): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      `${KEY}${key}`,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
}
