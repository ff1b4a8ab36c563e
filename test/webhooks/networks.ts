import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ATTACHMENT_POLICIES, IP_ALLOCATIONS, NETWORK_ATTACHMENT_DEFINITIONS } from '#api';
import { messageOf } from '#base';
import { claimOn } from '../../src/api/testing.ts';
import { eventually, withCode } from '../api-contract/target.ts';
import { network, policy } from './manifests.ts';
import type { WebhookScene } from './scene.ts';

/** NetworkAttachmentDefinitions at `kubectl apply`. */
export function testNetworks(scene: WebhookScene): void {
  const { apply, refused, taken } = scene;

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
    const { client, namespace } = scene.target;
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
    const { client, namespace } = scene.target;
    const owner = { podNamespace: namespace, podName: 'web', network: `${namespace}/narrowed` };
    const { metadata, spec } = claimOn('10.77.0.9/24', { owner });
    await client.create(IP_ALLOCATIONS, { metadata: { name: metadata.name }, spec });
    await eventually('the claim to be known', async () => {
      const narrower = network('narrowed', config('10.77.0.100-10.77.0.200/24'));
      const { stderr } = await scene.apply(narrower, '--dry-run=server');
      return /Warning: spec\.config no longer hands out 10\.77\.0\.9\/24 of Pod .+\/web: /.test(stderr) || undefined;
    });
  });

  test('what is only worth a warning is said, and taken', async () => {
    const { stderr } = await taken(network('foreign', { type: 'third-party' }));
    assert.match(stderr, /^Warning: spec\.config\.type: plugin "third-party" .+ is not one of Underlane's own/);
  });

  test("a network is held against its namespace's AttachmentPolicy", async () => {
    const { client, namespace } = scene.target;
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

  test('an object or namespace that says so is not reviewed', async () => {
    const bad = JSON.parse(network('unreviewed', { type: 'macvlan', mode: 'none' }));
    bad.metadata.labels = { 'underlane.io/review': 'off' };
    await taken(JSON.stringify(bad));
  });
}
