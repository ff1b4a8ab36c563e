import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { emptyResult } from '#cni';
import { assertGolden, attachment, facts, host, pod } from '../testing.ts';
import { loopback } from './mod.ts';

const config = loopback.parse({ type: 'loopback' });

describe('loopback.plan()', () => {
  it('gives the wiring and the result of the golden file', () => {
    const golden = new URL('testdata/loopback.golden.json', import.meta.url);
    assertGolden(golden, loopback.plan({ config, attachment, facts }));
  });
  it('reports ::1 where the pod has it', () => {
    const addresses = [...pod.addresses, { dev: 'lo', address: '::1/128', scope: 'host' as const }];
    const plan = loopback.plan({ config, attachment, facts: { host, pod: { ...pod, addresses } } });
    assert.deepEqual(plan.result.ips, [
      { address: '127.0.0.1/8', interface: 0 },
      { address: '::1/128', interface: 0 },
    ]);
  });
  it('passes a previous result through', () => {
    const prevResult = { ...emptyResult, interfaces: [{ name: 'eth0', sandbox: attachment.netns }] };
    assert.equal(loopback.plan({ config, attachment, facts, prevResult }).result, prevResult);
  });
  it('refuses a key of its own', () => {
    assert.throws(() => loopback.parse({ type: 'loopback', mtu: 5 }), { code: 'CONFIG_INVALID' });
  });
});
