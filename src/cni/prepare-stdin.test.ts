import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preparePluginConfig, prepareStdin } from './prepare-stdin.ts';
import type { CniCommand } from './request.ts';
import { emptyResult } from './result.ts';
import { type CniVersion, SUPPORTED_VERSIONS } from './versions.ts';

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

test('prepareStdin() leaves prevResult out where the version does not know it', () => {
  const result = { ...emptyResult, ips: [{ address: '10.0.0.5/16' }] };
  const given = (cniVersion: CniVersion, command: CniCommand) => {
    const config = preparePluginConfig({ network: { name: 'lan', cniVersion }, plugin: { type: 'a' } });
    return 'prevResult' in JSON.parse(prepareStdin(config, result, command));
  };
  assert.deepEqual(
    SUPPORTED_VERSIONS.filter(version => given(version, 'ADD')),
    ['0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'],
  );
  for (const command of ['CHECK', 'DEL'] as const) {
    assert.deepEqual(
      SUPPORTED_VERSIONS.filter(version => given(version, command)),
      ['0.4.0', '1.0.0', '1.1.0'],
    );
  }
});
