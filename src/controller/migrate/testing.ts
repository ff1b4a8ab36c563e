/** What tests of migration share: a cluster with a node, somebody else's pods in it, and what has become of their addresses. */
import {
  IP_ALLOCATIONS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODES,
  type OwnerReference,
  PODS,
  type Pod,
  STATEFUL_SETS,
  type StatefulSet,
} from '#api';
import { formatIp } from '#ip';
import type { KubeClient } from '#kube';
import { type ControllerScene, createAgentLease, withControllerScene } from '../../../test/controller/scene.ts';
import type { ForeignRecord } from './foreign-record.ts';
import { migrate } from './migrate.ts';
import type { MigrationReport } from './migration-report.ts';
import type { Peer } from './peer.ts';

/** A cluster with one node, on which an agent runs. */
export async function withNode(run: (scene: ControllerScene) => Promise<void>): Promise<void> {
  await withControllerScene(async scene => {
    const { client } = scene;
    await client.create(NODES, { metadata: { name: 'n1' } });
    await createAgentLease(client, 'n1');
    await run(scene);
  });
}

/** Migrates as a command does it: from what is there now. */
export async function go(
  { join, signal }: ControllerScene,
  peer: Peer,
  { isDryRun = false, isForced = false } = {},
): Promise<MigrationReport> {
  return migrate({ peer, isDryRun, isForced }, await join(), signal);
}

export async function createNetwork(client: KubeClient, name: string, ipam: object): Promise<void> {
  const config = { cniVersion: '1.0.0', name, type: 'macvlan', master: 'up0', ipam };
  await client.create(NETWORK_ATTACHMENT_DEFINITIONS, {
    metadata: { name, namespace: 'default' },
    spec: { config: JSON.stringify(config) },
  });
}

interface PodOptions {
  readonly networks: string;
  readonly status?: readonly { readonly name: string; readonly interface: string; readonly ips: readonly string[] }[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** On the node, as its CNI plugins have left it. */
export function createPod(
  client: KubeClient,
  name: string,
  { networks, status, annotations, ownerReferences = [] }: PodOptions,
): Promise<Pod> {
  return client.create(PODS, {
    metadata: {
      name,
      namespace: 'default',
      annotations: {
        'k8s.v1.cni.cncf.io/networks': networks,
        ...(status === undefined ? {} : { 'k8s.v1.cni.cncf.io/network-status': JSON.stringify(status) }),
        ...annotations,
      },
      ownerReferences,
    },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'x' }] },
  });
}

/** A StatefulSet, without its pods. @param annotations of its pods */
export function createSet(
  client: KubeClient,
  name: string,
  replicas: number,
  annotations: Readonly<Record<string, string>>,
): Promise<StatefulSet> {
  const labels = { app: name };
  return client.create(STATEFUL_SETS, {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations }, spec: { containers: [{ name: 'c', image: 'x' }] } },
    },
  } as StatefulSet);
}

/** The claims, each with whose it is and where it comes from. */
export async function held(client: KubeClient) {
  const { items } = await client.list(IP_ALLOCATIONS);
  return items.map(({ metadata, spec }) => [
    metadata.name,
    spec.owner.podName,
    spec.owner.interface,
    spec.node,
    metadata.labels?.['underlane.io/imported-from'],
  ]);
}

export function outcomes({ addresses }: MigrationReport): readonly string[] {
  return addresses.map(({ address, outcome }) => `${address} ${outcome}`).sort();
}

/** Records in one line each: address, pod, interface. */
export function shown(records: readonly ForeignRecord[]): readonly string[] {
  return records.map(({ ip, pod, interface: ifname }) =>
    [formatIp(ip), pod === undefined ? '-' : `${pod.namespace}/${pod.name}`, ifname ?? '-'].join(' '),
  );
}
