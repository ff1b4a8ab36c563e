import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworkConfig } from '#cni';
import type { SeenFile } from './choose-primary.ts';
import { settingsPassedOver } from './passed-over.ts';

function seen(file: string, keys: object): SeenFile {
  const raw = { cniVersion: '0.3.1', name: 'multus-cni-network', type: 'multus-shim', ...keys };
  return { file, kind: 'pipeline', network: parseNetworkConfig(raw, { source: file }) };
}

const confDir = '/etc/cni/net.d';
const MULTUS = { clusterNetwork: '/x', binDir: '/opt/cni/bin', logLevel: 'verbose', capabilities: { mac: true } };

test('settingsPassedOver() names what an isolation of namespaces was, and where it goes on to hold', () => {
  const file = seen('00-multus.conf', { ...MULTUS, namespaceIsolation: true, defaultNetworks: ['lan'] });
  assert.deepEqual(settingsPassedOver([file], { confDir }), [
    '"/etc/cni/net.d/00-multus.conf" has defaultNetworks, namespaceIsolation: that holds for no new pod, unless the agent has it in its --config file',
  ]);
  const settings = { namespaceIsolation: true, defaultNetworks: [] };
  assert.deepEqual(settingsPassedOver([file], { confDir, settings }), []);
});

test('settingsPassedOver() says nothing of what decides about no pod, of our own, and of what was never set', () => {
  const unset = { namespaceIsolation: false, globalNamespaces: '', defaultNetworks: [], systemNamespaces: null };
  assert.deepEqual(settingsPassedOver([seen('00-multus.conf', { ...MULTUS, ...unset })], { confDir }), []);
  const own = seen('0-underlane.conflist', { type: 'underlane', namespaceIsolation: true });
  const foreign: SeenFile = { ...seen('10-x.conf', { namespaceIsolation: true }), kind: 'broken', problem: 'x' };
  assert.deepEqual(settingsPassedOver([own, foreign], { confDir }), []);
});
