import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import {
  ATTACHMENT_POLICIES,
  IP_ALLOCATIONS,
  KUBE_OVN_SUBNETS,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODE_LABEL,
  SECRETS,
  SPIDER_IP_POOLS,
  VALIDATING_WEBHOOK_CONFIGURATIONS,
} from '#api';
import { messageOf } from '#base';
import { eventually, type Target, withCode } from '../api-contract/target.ts';
import { type KubectlAnswer, kubectl, skipWithoutKubectl } from '../kubectl/kubectl.ts';
import { applyCrds, type Replica, startReplica, untilAnnounced } from './replica.ts';

function network(name: string, config: object): string {
  const metadata = { name };
  const object = { apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition', metadata };
  return JSON.stringify({ ...object, spec: { config: JSON.stringify({ cniVersion: '1.0.0', ...config }) } });
}

function subnet(name: string, spec: object): string {
  const provider = `${name}.default`;
  return JSON.stringify({
    apiVersion: 'kubeovn.io/v1',
    kind: 'Subnet',
    metadata: { name },
    spec: { provider, protocol: 'IPv4', ...spec },
  });
}

function policy(name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'underlane.io/v1alpha1', kind: 'AttachmentPolicy', metadata: { name }, spec });
}

function pool(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'spiderpool.spidernet.io/v2beta1',
    kind: 'SpiderIPPool',
    metadata: { name },
    spec,
  });
}

/** What people meet at `kubectl apply`, on any API server that asks webhooks. */
export function testWebhooks(name: string, open: () => Promise<Target>): void {
  describe(`webhooks: ${name}`, skipWithoutKubectl(), () => {
    let target: Target;
    let replica: Replica | undefined;

    const startAnnounced = async (): Promise<Replica> => {
      const started = await startReplica(target.kubeconfigPath);
      await untilAnnounced(started, target.client);
      return started;
    };
    const apply = (input: string): Promise<KubectlAnswer> =>
      kubectl(target.kubeconfigPath, ['-n', target.namespace, 'apply', '-f', '-'], input);
    const refused = async (input: string, ...expected: readonly RegExp[]): Promise<void> => {
      const { exitCode, stdout, stderr } = await apply(input);
      assert.equal(exitCode, 1, stdout);
      for (const pattern of expected) assert.match(stderr, pattern);
    };
    const taken = async (input: string): Promise<KubectlAnswer> => {
      const answer = await apply(input);
      assert.equal(answer.exitCode, 0, answer.stderr);
      return answer;
    };

    before(async () => {
      target = await open();
      await applyCrds(target.client);
      replica = await startAnnounced();
      // An API server may take a moment to hear of each of the two configurations.
      const dryRun = (input: string): Promise<KubectlAnswer> =>
        kubectl(
          target.kubeconfigPath,
          ['-n', target.namespace, 'apply', '--dry-run=server', '-o', 'json', '-f', '-'],
          input,
        );
      await eventually('objects to be validated', async () => {
        return (await dryRun(network('probe', { type: 'macvlan', mode: 'none' }))).exitCode === 0 ? undefined : true;
      });
      await eventually('objects to be completed', async () => {
        return (await dryRun(pool('probe', { subnet: '10.1.0.0/16' }))).stdout.includes('"ipVersion": 4') || undefined;
      });
    });
    after(async () => {
      await replica?.stop();
      await target.close();
    });

    test('a wrong network is refused with the field, a right one taken', async () => {
      const ipam = { type: 'whereabouts', range: '10.0.0' };
      const config = { type: 'macvlan', master: 'eth0', mode: 'brigde', ipam };
      await refused(
        network('bad', config),
        /^The NetworkAttachmentDefinition "bad" is invalid: *\n/,
        /^\* spec\.config\.mode: plugin "macvlan": mode is "brigde", expected one of "bridge"/m,
        /^\* spec\.config\.ipam\.range: ipam: range is "10\.0\.0", expected /m,
      );
      await taken(network('good', { ...config, mode: 'bridge', ipam: { ...ipam, range: '10.0.0.0/24' } }));
      const { client, namespace } = target;
      const at = { namespace, name: 'good' };
      await assert.rejects(
        client.mergePatch(NETWORK_ATTACHMENT_DEFINITIONS, at, { spec: { config: '{' } }),
        (error: unknown) =>
          withCode('Invalid')(error) &&
          /admission webhook "network-attachment-definitions\.k8s\.cni\.cncf\.io\.validate\.underlane\.io" denied the request: Cannot use NetworkAttachmentDefinition ".+\/good": spec\.config: not JSON/.test(
            messageOf(error),
          ),
      );
    });

    test("a network's range may be narrowed while pods have addresses of it, which are named", async () => {
      const config = (range: string) => ({ type: 'macvlan', master: 'eth0', ipam: { type: 'whereabouts', range } });
      await taken(network('narrowed', config('10.77.0.0/24')));
      const { client, namespace } = target;
      const owner = { podNamespace: namespace, podName: 'web', podUid: 'u', interface: 'net1', slot: 0 };
      await client.create(IP_ALLOCATIONS, {
        metadata: { name: 'default-10.77.0.9' },
        spec: {
          address: '10.77.0.9/24',
          pool: { dialect: 'whereabouts', kind: 'IPPool', name: '10.77.0.0-24' },
          owner: { ...owner, network: `${namespace}/narrowed` },
          node: 'n1',
          policy: 'Ephemeral',
        },
      });
      await eventually('the claim to be known', async () => {
        const narrower = network('narrowed', config('10.77.0.100-10.77.0.200/24'));
        const { stderr } = await kubectl(
          target.kubeconfigPath,
          ['-n', namespace, 'apply', '--dry-run=server', '-f', '-'],
          narrower,
        );
        return /Warning: spec\.config no longer hands out 10\.77\.0\.9\/24 of Pod .+\/web: /.test(stderr) || undefined;
      });
    });

    test('what is only worth a warning is said, and taken', async () => {
      const { stderr } = await taken(network('foreign', { type: 'third-party' }));
      assert.match(stderr, /^Warning: spec\.config\.type: plugin "third-party" .+ is not one of Underlane's own/);
    });

    test("a network is held against its namespace's AttachmentPolicy", async () => {
      const { client, namespace } = target;
      await refused(
        policy('tenants', { namespaces: ['Team A'], types: ['../x'], masters: [] }),
        /spec\.namespaces\[0\]: is "Team A", expected the name of a namespace/,
        /spec\.types\[0\]: is "\.\.\/x", expected a plugin type/,
      );
      await taken(policy(namespace, { namespaces: [namespace], types: ['macvlan'], masters: ['eth1'] }));
      // The controller hears of the policy by its watch.
      const said = await eventually('the policy to count', async () => {
        const { stderr } = await apply(network('tenant', { type: 'macvlan', master: 'eth0' }));
        return stderr === '' ? undefined : stderr;
      });
      assert.match(said, /: spec\.config\.master: master is "eth0", expected what AttachmentPolicy ".+" allows/);
      await client.delete(ATTACHMENT_POLICIES, { name: namespace });
      await eventually('the policy to be gone', async () => {
        const { exitCode } = await apply(network('tenant', { type: 'macvlan', master: 'eth0' }));
        return exitCode === 0 ? true : undefined;
      });
    });

    test('a wrong pool is refused with every field, a right one completed', async () => {
      const { client } = target;
      await refused(
        pool('wrong', { subnet: '10.6.0.0/16', ips: ['10.7.0.5', '10.6.0.9-10.6.0.3'], gateway: '10.7.0.1' }),
        /^The SpiderIPPool "wrong" is invalid: *\n/,
        /^\* spec\.ips\[0\]: .*"10\.7\.0\.5"/m,
        /^\* spec\.ips\[1\]: .*"10\.6\.0\.9-10\.6\.0\.3"/m,
        /^\* spec\.gateway: .*"10\.7\.0\.1"/m,
      );
      await refused(
        pool('gateway', { subnet: '10.6.0.0/16', ips: ['10.6.0.1-10.6.0.9'], gateway: '10.6.0.1' }),
        /is invalid: spec\.gateway: is "10\.6\.0\.1", expected /,
      );
      await taken(
        pool('right', { subnet: '10.6.0.0/16', ips: ['10.6.0.9', '10.6.0.3-10.6.0.8'], gateway: '10.6.0.1' }),
      );
      const { spec, metadata } = await client.get(SPIDER_IP_POOLS, { name: 'right' });
      assert.deepEqual([spec.ipVersion, spec.ips], [4, ['10.6.0.3-10.6.0.9']]);
      assert.ok(Object.keys(metadata.labels ?? {}).length > 0);
      // Applying the same again finds nothing to do.
      const again = await taken(
        pool('right', { subnet: '10.6.0.0/16', ips: ['10.6.0.9', '10.6.0.3-10.6.0.8'], gateway: '10.6.0.1' }),
      );
      assert.match(again.stdout, /spiderippool.* (unchanged|configured)/);
      const said = await eventually('the pool to be known', async () => {
        const { stderr } = await apply(pool('second', { subnet: '10.6.0.0/16', ips: ['10.6.0.8-10.6.0.20'] }));
        return stderr === '' ? undefined : stderr;
      });
      assert.match(said, / spec\.ips.*: .*overlap.*right/);
      await client.delete(SPIDER_IP_POOLS, { name: 'right' });
    });

    test('a pool in use is neither deleted nor made smaller than its use', async () => {
      const { client } = target;
      await taken(pool('used', { subnet: '10.8.0.0/16', ips: ['10.8.0.3-10.8.0.9'] }));
      const claim = await client.create(IP_ALLOCATIONS, {
        metadata: { name: 'default-10.8.0.5', labels: { [NODE_LABEL]: 'x' } },
        spec: {
          address: '10.8.0.5/16',
          pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'used' },
          owner: {
            podNamespace: 'shop',
            podName: 'web',
            podUid: 'u1',
            network: 'shop/lan',
            interface: 'net1',
            slot: 0,
          },
          node: 'n1',
          policy: 'Ephemeral',
        },
      });
      const { kubeconfigPath } = target;
      const said = await eventually('the claim to be known', async () => {
        const { stderr } = await kubectl(kubeconfigPath, ['delete', '--dry-run=server', 'spiderippool', 'used']);
        return stderr === '' ? undefined : stderr;
      });
      assert.match(said, /denied the request: Cannot delete SpiderIPPool "used": .*10\.8\.0\.5 by Pod shop\/web/);
      await refused(
        pool('used', { subnet: '10.8.0.0/16', ips: ['10.8.0.6-10.8.0.9'] }),
        /is invalid: spec\.ips: .*10\.8\.0\.5 that is being used by Pod shop\/web/,
      );
      await refused(
        pool('used', { subnet: '10.9.0.0/16', ips: ['10.9.0.6'] }),
        /is invalid: .*spec\.subnet: .*not changeable/s,
      );
      await client.delete(IP_ALLOCATIONS, { name: claim.metadata.name });
      await eventually('the pool to be free', async () => {
        const { exitCode } = await kubectl(kubeconfigPath, ['delete', 'spiderippool', 'used']);
        return exitCode === 0 ? true : undefined;
      });
    });

    test('addresses of the other family are refused, thousands of entries are not', async () => {
      await refused(
        pool('mixed', { subnet: '10.5.0.0/16', ips: ['fd00::5'], gateway: 'fd00::1' }),
        /^\* spec\.ips\[0\]: .*"fd00::5"/m,
        /^\* spec\.gateway: .*"fd00::1"/m,
      );
      const { client } = target;
      const ips = Array.from({ length: 5_000 }, (_, index) => `10.5.${index >> 6}.${1 + 2 * (index % 64)}`);
      const metadata = { name: 'many' };
      const { spec } = await client.create(SPIDER_IP_POOLS, { metadata, spec: { subnet: '10.5.0.0/16', ips } });
      assert.deepEqual([spec.ips?.length, spec.ipVersion], [5_000, 4]);
      await assert.rejects(
        client.create(SPIDER_IP_POOLS, { metadata, spec: { subnet: '10.5.0.0/16', ips: [...ips, '10.4.0.1'] } }),
        (error: unknown) => withCode('Invalid')(error) && /spec\.ips\[5000\] is "10\.4\.0\.1"/.test(messageOf(error)),
      );
      await client.delete(SPIDER_IP_POOLS, metadata);
    });

    test('a wrong Subnet of Kube-OVN is refused, a right one completed', async () => {
      const { client } = target;
      await refused(
        subnet('wrong', { cidrBlock: '10.3.0.0/16', gateway: '10.2.0.1', excludeIps: ['10.3.0.9..10.3.0.3'] }),
        /^\* spec\.gateway: .*"10\.2\.0\.1"/m,
        /^\* spec\.excludeIps\[0\]: .*"10\.3\.0\.9\.\.10\.3\.0\.3"/m,
      );
      await taken(subnet('right', { cidrBlock: '10.3.0.0/16', excludeIps: ['10.3.0.10..10.3.0.20'] }));
      const { spec } = await client.get(KUBE_OVN_SUBNETS, { name: 'right' });
      assert.deepEqual(
        [spec.protocol, spec.gateway, spec.excludeIps],
        ['IPv4', '10.3.0.1', ['10.3.0.1', '10.3.0.10..10.3.0.20']],
      );
      const said = await eventually('the Subnet to be known', async () => {
        const { stderr } = await apply(subnet('second', { cidrBlock: '10.3.4.0/24' }));
        return stderr === '' ? undefined : stderr;
      });
      assert.match(said, / spec\.cidrBlock: .*Subnet right has 10\.3\.0\.0\/16/);
      await client.delete(KUBE_OVN_SUBNETS, { name: 'right' });
    });

    test('a claim that somebody makes by hand has to be named by its address', async () => {
      const { client } = target;
      const spec = {
        address: '10.8.1.5/16',
        pool: { dialect: 'x', kind: 'X', name: 'x' },
        owner: { podUid: 'u1', network: 'lan', interface: 'net1', slot: 0 },
        node: 'n1',
        policy: 'Ephemeral',
      } as const;
      await assert.rejects(
        client.create(IP_ALLOCATIONS, { metadata: { name: 'default-10.8.1.6' }, spec }),
        withCode('Invalid'),
      );
      await client.create(IP_ALLOCATIONS, { metadata: { name: 'default-10.8.1.5' }, spec });
      await assert.rejects(
        client.mergePatch(IP_ALLOCATIONS, { name: 'default-10.8.1.5' }, { spec: { address: '10.8.1.6/16' } }),
        withCode('Invalid'),
      );
      await client.delete(IP_ALLOCATIONS, { name: 'default-10.8.1.5' });
      // One that an agent makes is nobody's business on the way: a pod waits for it.
      const metadata = { name: 'default-10.8.1.6', labels: { [NODE_LABEL]: 'x' } };
      await client.create(IP_ALLOCATIONS, { metadata, spec });
      await client.delete(IP_ALLOCATIONS, { name: 'default-10.8.1.6' });
    });

    test('an object or namespace that says so is not reviewed', async () => {
      const bad = JSON.parse(network('unreviewed', { type: 'macvlan', mode: 'none' }));
      bad.metadata.labels = { 'underlane.io/review': 'off' };
      await taken(JSON.stringify(bad));
    });

    test('somebody who changes the configuration changes nothing for long', async () => {
      const { client } = target;
      const at = { name: 'underlane' };
      const before = await client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, at);
      await client.mergePatch(VALIDATING_WEBHOOK_CONFIGURATIONS, at, { webhooks: [] });
      await eventually('the configuration to be as it was', async () => {
        const { webhooks } = await client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, at);
        return isDeepStrictEqual(webhooks, before.webhooks) ? true : undefined;
      });
      await client.delete(VALIDATING_WEBHOOK_CONFIGURATIONS, at);
      await eventually('the configuration to be there', async () =>
        client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, at).catch(() => undefined),
      );
    });

    test('new certificates are served and announced while the controller runs', async () => {
      const { client } = target;
      const bundleOf = async (): Promise<string | undefined> => {
        const { webhooks } = await client.get(VALIDATING_WEBHOOK_CONFIGURATIONS, { name: 'underlane' });
        return webhooks?.[0]?.clientConfig.caBundle;
      };
      const before = await bundleOf();
      await client.delete(SECRETS, { namespace: 'kube-system', name: 'underlane-webhook-certificate' });
      await eventually('another authority', async () => ((await bundleOf()) === before ? undefined : true));
      await eventually('the webhooks to be asked again', async () => {
        const { exitCode } = await apply(network('renewed', { type: 'macvlan', mode: 'none' }));
        return exitCode === 0 ? undefined : true;
      });
    });

    test('of two replicas the one that leads is asked, and the other one when it ends', async () => {
      const other = await startReplica(target.kubeconfigPath);
      await replica?.stop();
      replica = other;
      await untilAnnounced(other, target.client);
      await eventually('the other replica to be asked', async () => {
        const { exitCode } = await apply(network('taken-over', { type: 'macvlan', mode: 'none' }));
        return exitCode === 0 ? undefined : true;
      });
    });

    test('a controller that accepts and says nothing holds nobody up for long', async () => {
      const { port } = replica ?? assert.fail();
      await replica?.stop();
      const silent = createServer().listen(port, '127.0.0.1');
      await once(silent, 'listening');
      try {
        await taken(network('unheard', { type: 'macvlan', mode: 'none' }));
      } finally {
        silent.close();
        replica = await startAnnounced();
      }
    });

    test('without any controller everything goes on, and what was made then can still be labelled and finished', async () => {
      const { client, namespace } = target;
      await replica?.stop();
      replica = undefined;
      await taken(network('late', { type: 'macvlan', mode: 'none' }));
      await taken(pool('late', { subnet: '10.8.0.0/16', ips: ['10.7.0.1'] }));
      replica = await startAnnounced();
      const at = { namespace, name: 'late' };
      await eventually('the webhooks to be asked again', async () => {
        const { exitCode } = await apply(network('later', { type: 'macvlan', mode: 'none' }));
        return exitCode === 0 ? undefined : true;
      });
      const metadata = { labels: { seen: 'yes' }, finalizers: ['test.underlane.io/hold'] };
      await client.mergePatch(NETWORK_ATTACHMENT_DEFINITIONS, at, { metadata });
      await client.mergePatch(SPIDER_IP_POOLS, { name: 'late' }, { metadata });
      await client.delete(NETWORK_ATTACHMENT_DEFINITIONS, at);
      await client.delete(SPIDER_IP_POOLS, { name: 'late' });
      await client.mergePatch(NETWORK_ATTACHMENT_DEFINITIONS, at, { metadata: { finalizers: null } });
      await client.mergePatch(SPIDER_IP_POOLS, { name: 'late' }, { metadata: { finalizers: null } });
      await assert.rejects(client.get(NETWORK_ATTACHMENT_DEFINITIONS, at), withCode('NotFound'));
      await assert.rejects(client.get(SPIDER_IP_POOLS, { name: 'late' }), withCode('NotFound'));
    });
  });
}
