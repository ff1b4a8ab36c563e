import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPlugin, plugins } from './registry.ts';

describe('findPlugin()', () => {
  it('finds each plugin by its type', () => {
    assert.deepEqual(
      plugins.map(plugin => plugin.type),
      ['bridge', 'dummy', 'host-device', 'ipvlan', 'loopback', 'macvlan', 'passthru', 'ptp', 'sriov', 'veth', 'vlan'],
    );
    for (const plugin of plugins) assert.equal(findPlugin(plugin.type), plugin);
  });
  it('finds nothing for types of others', () => {
    assert.equal(findPlugin('ovs'), undefined);
    assert.equal(findPlugin('__proto__'), undefined);
  });
  it('marks only veth as chained', () => {
    assert.deepEqual(
      plugins.filter(plugin => plugin.isChained).map(plugin => plugin.type),
      ['veth'],
    );
  });
});
