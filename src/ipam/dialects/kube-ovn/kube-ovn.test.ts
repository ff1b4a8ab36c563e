import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKubeOvn } from './kube-ovn.ts';

const context = { networkName: 'macvlan', source: 'NetworkAttachmentDefinition "default/macvlan"' };

test('parseKubeOvn() reads the documented configuration, and asks no socket', () => {
  const raw = {
    type: 'kube-ovn',
    server_socket: '/run/openvswitch/kube-ovn-daemon.sock',
    provider: 'macvlan.default',
    routes: [{ dst: '10.1.0.0/16', gw: '172.17.0.254' }, { gw: 'fd00:17::1' }],
  };
  assert.deepEqual(parseKubeOvn(raw, context), {
    dialect: 'kube-ovn',
    networkName: 'macvlan',
    scope: 'default',
    provider: 'macvlan.default',
    routes: [
      { dst: '10.1.0.0/16', gw: '172.17.0.254' },
      { dst: '::/0', gw: 'fd00:17::1' },
    ],
    dns: {},
  });
  assert.equal(parseKubeOvn(raw, { ...context, scope: 'lan' }).scope, 'lan');
});

test('parseKubeOvn() refuses what it does not know, naming it', () => {
  const parse = (fields: Readonly<Record<string, unknown>>) => () =>
    parseKubeOvn({ type: 'kube-ovn', ...fields }, context);
  assert.throws(parse({ provider: 'macvlan' }), { code: 'BAD_CONFIG', message: /provider is "macvlan"/ });
  assert.throws(parse({ providr: 'macvlan.default' }), { code: 'BAD_CONFIG', message: /unknown field "providr"/ });
  assert.throws(parse({ provider: 5 }), { code: 'BAD_CONFIG' });
});

test("parseKubeOvn() takes the network's own name for its provider, and lets it have no other", () => {
  const providerOf = (nad: string, provider?: string): string =>
    parseKubeOvn({ type: 'kube-ovn', ...(provider === undefined ? {} : { provider }) }, { ...context, nad }).provider;
  assert.equal(providerOf('default/macvlan'), 'macvlan.default');
  assert.equal(providerOf('default/mac.vlan', 'mac.vlan.default'), 'mac.vlan.default');
  assert.throws(() => providerOf('default/macvlan', 'macvlan.default.ovn'), {
    code: 'BAD_CONFIG',
    message: /provider is "macvlan\.default\.ovn", expected "macvlan\.default"/,
  });
  assert.throws(() => parseKubeOvn({ type: 'kube-ovn' }, context), {
    code: 'BAD_CONFIG',
    message: /provider is missing/,
  });
});
