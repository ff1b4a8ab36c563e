import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadLint } from '#attach';
import { type Manifest, readManifests } from '../manifests.ts';
import type { PodTemplate } from '../resources.ts';
import { whyNoIpv6, withoutIpv6 } from './ipv6.ts';

test('whyNoIpv6() tells by the settings that a kernel with IPv6 has', () => {
  const dir = mkdtempSync(join(tmpdir(), 'sysctls-'));
  assert.equal(whyNoIpv6(dir), 'kernel lacks IPv6, or was booted with ipv6.disable=1');
  mkdirSync(join(dir, 'net/ipv6'), { recursive: true });
  assert.equal(whyNoIpv6(dir), undefined);
  rmSync(dir, { recursive: true });
});

test('withoutIpv6() leaves the examples no address to make and no family to ask for', async () => {
  const manifests = await readManifests(join(import.meta.dirname, '../../../examples'));
  const left = manifests.flatMap(manifest => withoutIpv6(manifest) ?? []);
  assert.deepEqual(
    manifests.filter(({ metadata }) => !left.some(object => object.metadata.name === metadata.name)).map(nameOf),
    ['SpiderIPPool ippool-test-v6'],
  );
  const find = (name: string, kind: string): Example => {
    const found = left.find(manifest => manifest.metadata.name === name && manifest.kind === kind);
    assert.ok(found);
    return found as Example; // of our own file
  };
  const { plugins } = JSON.parse(find('macvlan-standalone', 'NetworkAttachmentDefinition').spec.config);
  const { range, ipRanges, routes, gateway } = plugins[0].ipam;
  assert.deepEqual(
    { range, ipRanges, routes, gateway },
    { range: '172.18.30.1-172.18.30.254/16', ipRanges: [], routes: [{ dst: '0.0.0.0/0' }], gateway: '172.18.0.1' },
  );
  assert.equal(plugins[1].type, 'veth');
  const [macvlan] = JSON.parse(find('macvlan-conf', 'NetworkAttachmentDefinition').spec.config).plugins;
  assert.deepEqual(macvlan.ipam, { type: 'spiderpool' }, 'nothing is added');
  const { ipFamilyPolicy, type } = find('web', 'Service').spec;
  assert.deepEqual([ipFamilyPolicy, type], [undefined, 'NodePort']);
  const { cidrBlock, gateway: own, protocol } = find('macvlan', 'Subnet').spec;
  assert.deepEqual([cidrBlock, own, protocol], ['172.17.0.0/16', '172.17.0.1', 'IPv4']);
  assert.equal(find('static-ip', 'Pod').metadata.annotations?.[`${PROVIDER}/ip_address`], '172.17.0.100');
  const pool = find('static-workload', 'Deployment').spec.template.metadata?.annotations?.[`${PROVIDER}/ip_pool`];
  assert.equal(pool, '172.17.0.200;172.17.0.201;172.17.0.202');
  const pools = find('test-app', 'Deployment').spec.template.metadata?.annotations?.['ipam.spidernet.io/ippool'];
  assert.deepEqual(JSON.parse(pools ?? ''), { ipv4: ['ippool-test'] });
});

test('withoutIpv6() leaves examples that lint has nothing against', async () => {
  const { lintText } = await loadLint();
  const manifests = await readManifests(join(import.meta.dirname, '../../../examples'));
  const left = manifests.flatMap(manifest => withoutIpv6(manifest) ?? []);
  const { findings } = lintText(left.map(manifest => JSON.stringify(manifest)).join('\n---\n'));
  assert.deepEqual(
    findings.filter(({ severity }) => severity === 'error'),
    [],
  );
});

const PROVIDER = 'macvlan.default.kubernetes.io';

/** The parts of the examples that the test looks at. */
interface Example extends Manifest {
  readonly spec: { readonly config: string; readonly template: PodTemplate } & Readonly<Record<string, unknown>>;
}

function nameOf({ kind, metadata }: Manifest): string {
  return `${kind} ${metadata.name}`;
}
