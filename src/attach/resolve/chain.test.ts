import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworkConfig } from '#cni';
import { parseChain } from './chain.ts';

test('parseChain() refuses a plugin whose kind of link the kernel lacks, before anything is done', () => {
  const source = 'NetworkAttachmentDefinition "net/x"';
  const plugins = [{ type: 'macvlan' }, { type: 'ipvlan', master: 'eth1' }];
  const network = parseNetworkConfig({ cniVersion: '1.0.0', name: 'x', plugins }, { source });
  const lacks = (missing: string) => parseChain(network, { source, lacksKind: kind => kind === missing });
  assert.throws(() => lacks('ipvlan'), {
    code: 'KERNEL_LACKS',
    message:
      'Cannot use NetworkAttachmentDefinition "net/x": plugins[1].type is "ipvlan", but the kernel lacks ipvlan, expected one that `underlane capabilities` finds',
  });
  assert.equal(lacks('vlan').length, 2);
});

test('parseChain() names the network when a plugin refuses its configuration', () => {
  const source = 'network "lan"';
  const config = { cniVersion: '1.0.0', name: 'lan', type: 'macvlan', mode: 'brigde' };
  const network = parseNetworkConfig(config, { source });
  assert.throws(() => parseChain(network, { source, lacksKind: () => false }), {
    code: 'NETWORK_CONFIG',
    message:
      'Cannot use network "lan": plugin "macvlan": mode is "brigde", expected one of "bridge", "private", "vepa", "passthru"',
  });
});

test('parseChain() leaves to its own plugin an ipam that is not ours in this cluster, and OVN interfaces always', () => {
  const source = 'NetworkAttachmentDefinition "default/macvlan"';
  const ipam = {
    type: 'kube-ovn',
    server_socket: '/run/openvswitch/kube-ovn-daemon.sock',
    provider: 'macvlan.default',
  };
  const stepOf = (config: Readonly<Record<string, unknown>>, ...left: string[]) => {
    const network = parseNetworkConfig({ cniVersion: '0.3.0', name: 'macvlan', ...config }, { source });
    return parseChain(network, { source, lacksKind: () => false, leftIpams: new Set(left) })[0];
  };
  const own = stepOf({ type: 'macvlan', master: 'eth1', ipam });
  assert.equal(own?.kind === 'planned' ? own.ipam?.kind : own?.kind, 'ours');
  const left = stepOf({ type: 'macvlan', master: 'eth1', ipam }, 'kube-ovn');
  assert.equal(left?.kind === 'planned' ? left.ipam?.kind : left?.kind, 'exec');
  assert.equal(stepOf({ type: 'kube-ovn', provider: 'attachnet.default.ovn' })?.kind, 'exec');
  assert.equal(stepOf({ type: 'kube-ovn', ipam })?.kind, 'addresses');
});
