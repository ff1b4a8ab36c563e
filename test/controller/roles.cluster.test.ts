import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  ATTACHMENT_POLICIES,
  IP_ALLOCATIONS,
  IPAM_CLAIMS,
  KUBE_OVN_IP_POOLS,
  KUBE_OVN_IPS,
  KUBE_OVN_SUBNETS,
  type KubeObject,
  LEASES,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  PODS,
  type Resource,
  SPIDER_ENDPOINTS,
  SPIDER_IP_POOLS,
  SPIDER_RESERVED_IPS,
  SPIDER_SUBNETS,
  WHEREABOUTS_IP_POOLS,
} from '#api';
import type { Log, LogFields } from '#base';
import { startController } from '#controller';
import { writeKubeconfig } from '../../src/sandbox/apiserver/mod.ts';
import { eventually, openClusterTarget, type Target, withCode } from '../api-contract/target.ts';
import { findFreePorts } from '../cluster/daemon.ts';
import { deployCrds, grantRolesOf, NAMESPACE } from '../cluster/deployed.ts';
import { createAgentLease } from './scene.ts';

/** Kinds in which each claim shows that is of the dialect. */
const SHOWN: readonly Resource[] = [SPIDER_ENDPOINTS, WHEREABOUTS_IP_POOLS, KUBE_OVN_IPS];

/** Keeps what is wrong, whichever loop says it. */
function createListener(): { readonly log: Log; readonly said: readonly string[] } {
  const said: string[] = [];
  const note = (fields: LogFields, message: string): void => void said.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug() {}, info() {}, warn: note, error: note, child: () => log };
  return { log, said };
}

describe('the roles of deploy/controller.yaml', () => {
  let target: Target;
  let controller: Awaited<ReturnType<typeof startController>> | undefined;
  const { log, said } = createListener();

  before(async () => {
    target = await openClusterTarget();
    const { client, kubeconfigPath } = target;
    await deployCrds(client);
    const token = await grantRolesOf('controller.yaml', client);
    const own = join(dirname(kubeconfigPath), 'controller-kubeconfig');
    const { server, ca } = target.config;
    writeKubeconfig({ path: own, server, ...(ca === undefined ? {} : { caPem: ca }), token });
    const [port = 0] = await findFreePorts(1);
    const webhooks = { host: '127.0.0.1', port, place: { url: `https://127.0.0.1:${port}` } };
    controller = await startController({ kubeconfig: own, logLevel: 'silent', webhooks }, log);
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

  test('are enough to review objects of every kind', async () => {
    const { client, namespace } = target;
    const network = (name: string, mode: string) =>
      client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
        metadata: { name, namespace },
        spec: { config: JSON.stringify({ cniVersion: '1.0.0', type: 'macvlan', master: 'up0', mode }) },
      });
    let tries = 0;
    await eventually('a wrong network to be refused', async () => {
      try {
        await network(`wrong-${tries++}`, 'brigde');
        return undefined;
      } catch (error) {
        return withCode('Invalid')(error);
      }
    });
    await network('right', 'bridge');
    const metadata = { name: 'reviewed' };
    await client.create(ATTACHMENT_POLICIES, {
      metadata,
      spec: { namespaces: ['a'], types: ['macvlan'], masters: [] },
    });
    const claim = { metadata: { ...metadata, namespace }, spec: { network: 'right', interface: 'net1' } };
    await client.create(IPAM_CLAIMS, claim);
    await client.create(SPIDER_SUBNETS, { metadata, spec: { subnet: '10.9.0.0/16', ips: ['10.9.0.10-10.9.0.20'] } });
    await client.create(SPIDER_RESERVED_IPS, { metadata, spec: { ips: ['10.9.0.15'] } });
    await client.create(KUBE_OVN_IP_POOLS, { metadata, spec: { subnet: 'ovn', ips: ['172.17.0.9'] } });
    assert.deepEqual(
      said.filter(line => /Cannot review|[Ff]orbidden/.test(line)),
      [],
    );
  });
});
