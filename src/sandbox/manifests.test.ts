import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { withoutIpvlan } from './inner/ipvlan.ts';
import { type Manifest, parseManifests, readManifests } from './manifests.ts';

test('parseManifests() reads every document and names the one that is no object', () => {
  const good = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n';
  assert.deepEqual(parseManifests(`${good}---\n${good}`, 'x.yaml').length, 2);
  assert.throws(() => parseManifests(`${good}---\nkind: Pod\n`, 'x.yaml'), {
    code: 'BAD_MANIFEST',
    message: 'Cannot use document 2 of "x.yaml": expected an object with apiVersion, kind and metadata.name',
  });
});

test("withoutIpvlan() turns the example's ipvlan plugin into macvlan and leaves everything else", async () => {
  const manifests = await readManifests(join(import.meta.dirname, '../../examples'));
  const changed = manifests.map(withoutIpvlan).filter((manifest, index) => manifest !== manifests[index]);
  assert.deepEqual(
    changed.map(({ metadata }) => metadata.name),
    ['my-nad'],
  );
  const { spec } = changed[0] as Manifest & { spec: { config: string } };
  assert.deepEqual(JSON.parse(spec.config), {
    cniVersion: '0.3.1',
    plugins: [
      {
        type: 'macvlan',
        master: 'eth1',
        mode: 'bridge',
        ipam: { type: 'whereabouts', range: '10.200.1.0/24', ipRanges: [{ range: 'fd00:10:200::1:0/112' }] },
      },
    ],
  });
});
