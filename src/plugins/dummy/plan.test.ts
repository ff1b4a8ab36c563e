import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { assertGolden, attachment, facts, ipam } from '../testing.ts';
import { dummy } from './mod.ts';

const config = dummy.parse({ type: 'dummy' });

describe('dummy.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    const golden = new URL('testdata/dummy.golden.json', import.meta.url);
    assertGolden(golden, dummy.plan({ config, attachment, facts, ipam }));
  });
  it('has the MAC that the pod asks for', () => {
    const made = dummy.plan({ config, attachment: { ...attachment, mac: '0a:00:00:00:00:01' }, facts, ipam });
    assert.equal(made.result.interfaces[0]?.mac, '0a:00:00:00:00:01');
  });
  it('needs ipam, and a free name', () => {
    assert.throws(() => dummy.plan({ config, attachment, facts }), { code: 'NO_ADDRESS' });
    const taken = { config, attachment: { ...attachment, ifname: 'lo' }, facts, ipam };
    assert.throws(() => dummy.plan(taken), { code: 'INTERFACE_TAKEN' });
  });
});
