import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  IP_ALLOCATIONS,
  KUBE_OVN_IPS,
  KUBE_OVN_SUBNETS,
  type KubeObject,
  LEASES,
  listCrds,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  PODS,
  type Resource,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  WHEREABOUTS_IP_POOLS,
} from '#api';
import type { Log, LogFields } from '#base';
import { startController } from '#controller';
import { LOOPS } from '../../src/controller/loops.ts';
import { writeKubeconfig } from '../../src/sandbox/apiserver/mod.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../../src/sandbox/resources.ts';
import { eventually, openClusterTarget, type Target } from '../api-contract/target.ts';
import { grantRolesOfPage } from '../cluster/roles-of-page.ts';
import { skipWithoutKubectl } from '../kubectl/kubectl.ts';
import { createAgentLease } from './scene.ts';

const NAMESPACE = 'kube-system';

/** Kinds in which each claim shows that is of the dialect. */
const SHOWN: readonly Resource[] = [SPIDER_ENDPOINTS, WHEREABOUTS_IP_POOLS, KUBE_OVN_IPS];

/** Keeps what is wrong, whichever loop says it. */
function createListener(): { readonly log: Log; readonly said: readonly string[] } {
  const said: string[] = [];
  const note = (fields: LogFields, message: string): void => void said.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug() {}, info() {}, warn: note, error: note, child: () => log };
  return { log, said };
}

describe('the roles of docs/controller.md', skipWithoutKubectl(), () => {
  let target: Target;
  let controller: Awaited<ReturnType<typeof startController>> | undefined;
  const { log, said } = createListener();

  before(async () => {
    target = await openClusterTarget();
    const { client, kubeconfigPath } = target;
    for (const crd of listCrds()) await client.create(CUSTOM_RESOURCE_DEFINITIONS, crd);
    const token = await grantRolesOfPage('controller.md', 'underlane-controller', kubeconfigPath);
    const own = join(dirname(kubeconfigPath), 'controller-kubeconfig');
    const { server, ca } = target.config;
    writeKubeconfig({ path: own, server, ...(ca === undefined ? {} : { caPem: ca }), token });
    await eventually('the kinds to be served', async () => {
      try {
        return await Promise.all([IP_ALLOCATIONS, ...SHOWN].map(kind => client.list<KubeObject>(kind)));
      } catch {
        return undefined;
      }
    });
    const loops = LOOPS.filter(({ name }) => !name.startsWith('webhook'));
    controller = await startController({ kubeconfig: own, logLevel: 'silent' }, log, loops);
    rmSync(own);
  });
  after(async () => {
    await controller?.stop();
    await target.close();
  });

  test('are enough for addresses of every dialect, their views, and the end of a node', async () => {
    const { client, namespace } = target;
    await client.create(SPIDER_IP_POOLS, {
      metadata: { name: 'pool4' },
      spec: { subnet: '10.6.0.0/16', ips: ['10.6.0.10-10.6.0.20'], default: true },
    });
    await client.create(KUBE_OVN_SUBNETS, {
      metadata: { name: 'ovn' },
      spec: { provider: `ovn.${namespace}`, protocol: 'IPv4', cidrBlock: '172.17.0.0/16', gateway: '172.17.0.1' },
    });
    const networks = {
      spider: { type: 'spiderpool' },
      ovn: { type: 'kube-ovn', server_socket: '/run/x.sock', provider: `ovn.${namespace}` },
      plain: { type: 'whereabouts', range: '10.31.0.0/24' },
    };
    for (const [name, ipam] of Object.entries(networks)) {
      const config = { cniVersion: '1.0.0', name, type: 'macvlan', master: 'up0', ipam };
      await client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
        metadata: { name, namespace },
        spec: { config: JSON.stringify(config) },
      });
    }
    await client.create(NODES, { metadata: { name: 'n1' } });
    await createAgentLease(client, 'n1');
    await client.create(PODS, {
      metadata: { name: 'a', namespace, annotations: { 'k8s.v1.cni.cncf.io/networks': 'spider,ovn,plain' } },
      spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'none:1' }] },
    });
    const count = async (): Promise<number> => (await client.list(IP_ALLOCATIONS)).items.length;
    const shown = (): Promise<number[]> =>
      Promise.all(SHOWN.map(async kind => (await client.list<KubeObject>(kind)).items.length));
    await eventually('all three', async () => ((await count()) === 3 ? true : undefined)).catch(error => {
      throw new Error(said.join('\n'), { cause: error });
    });
    await eventually('all views', async () => ((await shown()).every(size => size > 0) ? true : undefined)).catch(
      error => {
        throw new Error(said.join('\n'), { cause: error });
      },
    );
    await client.delete(LEASES, { namespace: NAMESPACE, name: 'underlane-agent-n1' });
    await client.delete(NODES, { name: 'n1' });
    await eventually('the end of the claims', async () => ((await count()) === 0 ? true : undefined));
    await eventually('the end of the views', async () =>
      (await shown()).every(size => size === 0) ? true : undefined,
    );
    assert.deepEqual(
      said.filter(line => /Forbidden|forbidden|UNKNOWN/.test(line)),
      [],
    );
  });
});
