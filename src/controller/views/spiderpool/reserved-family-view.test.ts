import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SPIDER_RESERVED_IPS } from '#api';
import { withViews } from '../../../../test/views/scene.ts';
import { spiderReservedFamilyView } from './reserved-family-view.ts';

test('spiderReservedFamilyView() fills in what can be told, and leaves the rest', async () => {
  await withViews(async ({ client, keep, table, eventually }) => {
    for (const [name, ips] of [
      ['four', ['10.0.0.9-10.0.0.12']],
      ['none', []],
      ['six', ['fd00::9']],
    ] as const) {
      await client.create(SPIDER_RESERVED_IPS, { metadata: { name }, spec: { ips } });
    }
    keep(spiderReservedFamilyView());
    await eventually(async () =>
      assert.deepEqual(await table(SPIDER_RESERVED_IPS), [
        { NAME: 'four', VERSION: '4' },
        { NAME: 'none', VERSION: '' },
        { NAME: 'six', VERSION: '6' },
      ]),
    );
  });
});
