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
