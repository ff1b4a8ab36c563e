import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyResult } from '#cni';
import { assertGolden, attachment, facts } from '../testing.ts';
import { passthru } from './mod.ts';

const config = passthru.parse({ type: 'passthru' });

describe('passthru.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    const golden = new URL('testdata/passthru.golden.json', import.meta.url);
    assertGolden(golden, passthru.plan({ config, attachment, facts }));
  });
  it('passes a previous result through', () => {
    const prevResult = { ...emptyResult, ips: [{ address: '172.18.0.10/16' }] };
    assert.equal(passthru.plan({ config, attachment, facts, prevResult }).result, prevResult);
  });
  it('refuses a key of its own', () => {
    assert.throws(() => passthru.parse({ type: 'passthru', mtu: 5 }), { code: 'CONFIG_INVALID' });
  });
});
