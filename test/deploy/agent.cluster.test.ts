import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { IP_ALLOCATIONS, IPAM_CLAIMS, LEASES, type OwnerReference, PODS, REPLICA_SETS, STATEFUL_SETS } from '#api';
import type { KubeClient } from '#kube';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { type Manifest, parseManifests } from '../../src/sandbox/manifests.ts';
import { eventually } from '../api-contract/target.ts';
import { NAMESPACE, readDeployed, resourceOf } from '../cluster/deployed.ts';
import { type DeployedAgent, startDeployedAgent } from './deployed-agent.ts';

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'none:1' }] } };
const workload = { selector: { matchLabels: { app: 'x' } }, serviceName: 'x', replicas: 1, template };
const at = (name: string) => ({ name, namespace: 'default' });
const manifests = parseManifests(readDeployed('agent.yaml'), 'agent.yaml');
const ROLE = manifests.find(({ kind }) => kind === 'ClusterRole') as Role;
const DAEMON_SET = manifests.find(({ kind }) => kind === 'DaemonSet') as DaemonSet;
const { skip } = skipUnlessRing2();

describe('an agent as deploy/agent.yaml starts it', { skip }, () => {
  let agent: DeployedAgent;

  before(async () => {
    agent = await startDeployedAgent();
  });
  after(() => agent[Symbol.asyncDispose]());

  test('passes each of its probes', async () => {
    const [container] = DAEMON_SET.spec.template.spec.containers;
    const { livenessProbe, readinessProbe, startupProbe } = container ?? assert.fail();
    for (const { httpGet } of [startupProbe, livenessProbe, readinessProbe]) {
      const { host, port, path } = httpGet;
      await eventually(path, async () => ((await fetch(`http://${host}:${port}${path}`)).ok ? true : undefined));
    }
  });

  test('may do all that it takes for pods of every dialect and owner, from ADD to the last claim', async () => {
    const { call, createPod } = agent;
    const { client } = agent.target;
    const set = await client.create(STATEFUL_SETS, { metadata: at('set'), spec: workload });
    const replicas = await client.create(REPLICA_SETS, { metadata: at('rs'), spec: workload });
    await client.create(IPAM_CLAIMS, { metadata: at('kept'), spec: { network: 'plain', interface: 'net1' } });
    const ownerOf = (kind: string, apiVersion: string, name: string, uid = 'gone'): OwnerReference => {
      return { kind, apiVersion, name, uid };
    };
    const pods = await Promise.all([
      createPod('bare', 'spider,ovn,plain'),
      createPod('set-0', 'spider,ovn', ownerOf('StatefulSet', 'apps/v1', 'set', set.metadata.uid)),
      createPod('replica', 'spider', ownerOf('ReplicaSet', 'apps/v1', 'rs', replicas.metadata.uid)),
      createPod('job', 'spider', ownerOf('Job', 'batch/v1', 'x')),
      createPod('machine', 'spider', ownerOf('VirtualMachineInstance', 'kubevirt.io/v1', 'x')),
      createPod('claimed', JSON.stringify([{ name: 'plain', 'ipam-claim-reference': 'kept' }])),
    ]);
    for (const pod of pods) {
      const { exitCode, stdout } = await call('ADD', pod, agent.makeNetns(pod));
      assert.equal(exitCode, 0, `${pod.metadata.name}: ${stdout}`);
      const { metadata } = await client.get(PODS, at(pod.metadata.name));
      assert.ok(metadata.annotations?.['k8s.v1.cni.cncf.io/network-status'], pod.metadata.name);
    }
    assert.equal((await client.get(IPAM_CLAIMS, at('kept'))).status?.ips?.length, 1);
    const lease = { namespace: NAMESPACE, name: 'underlane-agent-n1' };
    await eventually('the Lease', async () => client.get(LEASES, lease).catch(() => undefined));
    await client.delete(STATEFUL_SETS, at('set'));
    await client.delete(IPAM_CLAIMS, at('kept'));
    for (const pod of pods) {
      assert.equal((await call('DEL', pod)).exitCode, 0);
      await client.delete(PODS, pod.metadata, { gracePeriodSeconds: 0 });
    }
    await eventually('the end of the claims', async () => {
      const left = (await client.list(IP_ALLOCATIONS)).items;
      // What an IPAMClaim kept is looked at once a minute.
      return left.every(({ spec }) => spec.owner.ipamClaim !== undefined) ? true : undefined;
    });
    assert.doesNotMatch(agent.log(), /forbidden/i);
  });

  test('says at once what it may not read, and gives the pod its address when it may', async () => {
    const { call, target } = agent;
    const less = ROLE.rules.filter(({ apiGroups }) => !apiGroups.includes('spiderpool.spidernet.io'));
    await setRules(target.client, less);
    await agent.restart();
    const pod = await agent.createPod('refused', 'spider');
    const netns = agent.makeNetns(pod);
    const startedAt = performance.now();
    const { json, stdout } = await call('ADD', pod, netns);
    assert.ok(performance.now() - startedAt < 5_000, `took ${performance.now() - startedAt} ms`);
    assert.equal(json.code, 11, stdout);
    assert.match(
      json.msg,
      /User "system:serviceaccount:kube-system:underlane-agent" cannot list resource "spiderippools" .+; add the rule \{apiGroups: \["spiderpool\.spidernet\.io"\], resources: \["spiderippools"\], verbs: \["get", "list", "watch"\]\} to the ClusterRole of that account/,
    );
    assert.match(json.details, /^FORBIDDEN_KIND/);
    await setRules(target.client, ROLE.rules);
    await eventually('the address', async () => ((await call('ADD', pod, netns)).exitCode === 0 ? true : undefined));
    assert.equal((await call('DEL', pod)).exitCode, 0);
    await target.client.delete(PODS, pod.metadata, { gracePeriodSeconds: 0 });
  });
});

interface Role extends Manifest {
  readonly rules: readonly { readonly apiGroups: readonly string[] }[];
}

/** The role of the file, with other rules, whatever it is now. */
async function setRules(client: KubeClient, rules: Role['rules']): Promise<void> {
  const role = { ...ROLE, rules };
  await client.mergePatch(resourceOf(role), role.metadata, { rules });
}

interface DaemonSet extends Manifest {
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly containers: readonly Readonly<Record<'livenessProbe' | 'readinessProbe' | 'startupProbe', Probe>>[];
      };
    };
  };
}

interface Probe {
  readonly httpGet: { readonly host: string; readonly port: number; readonly path: string };
}
