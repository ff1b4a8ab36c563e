import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preparePluginConfig, prepareStdin } from './prepare-stdin.ts';
import { emptyResult } from './result.ts';

const network = { name: 'lan', cniVersion: '0.4.0' } as const;

test('preparePluginConfig() gives a plugin the network and its declared share of the runtime config', () => {
  const capabilities = { mac: true, ips: false, portMappings: true };
  const plugin = { type: 'macvlan', master: 'eth0', capabilities, cniVersion: '0.1.0' };
  const config = preparePluginConfig({ network, plugin, runtimeConfig: { mac: 'x', ips: ['y'], bandwidth: {} } });
  assert.deepEqual(config, {
    type: 'macvlan',
    master: 'eth0',
    cniVersion: '0.4.0',
    name: 'lan',
    runtimeConfig: { mac: 'x' },
  });
});

test('preparePluginConfig() puts no runtime config where nothing is declared, and no old prevResult', () => {
  const config = preparePluginConfig({ network, plugin: { type: 'a', prevResult: {} }, runtimeConfig: { mac: 'x' } });
  assert.deepEqual(config, { type: 'a', cniVersion: '0.4.0', name: 'lan' });
});

test("prepareStdin() adds prevResult in the config's version", () => {
  const config = preparePluginConfig({ network, plugin: { type: 'a' } });
  assert.deepEqual(JSON.parse(prepareStdin(config)), { type: 'a', cniVersion: '0.4.0', name: 'lan' });
  assert.deepEqual(JSON.parse(prepareStdin(config, { ...emptyResult, ips: [{ address: '10.0.0.5/16' }] })), {
    type: 'a',
    cniVersion: '0.4.0',
    name: 'lan',
    prevResult: { cniVersion: '0.4.0', ips: [{ version: '4', address: '10.0.0.5/16' }], dns: {} },
  });
});
