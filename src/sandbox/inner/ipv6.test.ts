import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Manifest, readManifests } from '../manifests.ts';
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
  const find = (name: string, kind: string): Manifest & { spec: { config: string } & Record<string, unknown> } => {
    const found = manifests.find(manifest => manifest.metadata.name === name && manifest.kind === kind);
    assert.ok(found);
    return withoutIpv6(found) as ReturnType<typeof find>; // of our own file
  };
  const { plugins } = JSON.parse(find('macvlan-standalone', 'NetworkAttachmentDefinition').spec.config);
  const { range, ipRanges, routes, gateway } = plugins[0].ipam;
  assert.deepEqual(
    { range, ipRanges, routes, gateway },
    { range: '172.18.30.1-172.18.30.254/16', ipRanges: [], routes: [{ dst: '0.0.0.0/0' }], gateway: '172.18.0.1' },
  );
  assert.equal(plugins[1].type, 'veth');
  const { ipFamilyPolicy, type } = find('web', 'Service').spec;
  assert.deepEqual([ipFamilyPolicy, type], [undefined, 'NodePort']);
  const deployment = manifests.find(({ kind }) => kind === 'Deployment');
  assert.ok(deployment !== undefined && withoutIpv6(deployment) === deployment);
});
