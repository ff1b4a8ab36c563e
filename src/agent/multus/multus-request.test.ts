import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMultusRequest } from './multus-request.ts';

const ENV = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: 'c', CNI_NETNS: '/n', CNI_ARGS: '' };
const CONFIG = Buffer.from('{"name":"x"}').toString('base64');

describe('parseMultusRequest()', () => {
  test('reads what its clients send, and fills in what they leave out', () => {
    const body = {
      env: ENV,
      config: CONFIG,
      interfaceAttributes: { ips: ['10.0.0.1/24'], mac: '02:00:00:00:00:0A', 'cni-args': { a: 1 } },
    };
    assert.deepEqual(
      parseMultusRequest(JSON.stringify(body), { CNI_IFNAME: 'eth0', CNI_PATH: '/bin', CNI_NETNS: '/no' }),
      {
        env: { ...ENV, CNI_IFNAME: 'eth0', CNI_PATH: '/bin' },
        config: '{"name":"x"}',
        ips: ['10.0.0.1/24'],
        mac: '02:00:00:00:00:0a',
        cniArgs: { a: 1 },
      },
    );
    assert.deepEqual(parseMultusRequest(JSON.stringify({ ...body, interfaceAttributes: null }), {}).ips, []);
  });

  test('STATUS and GC with CNI_ARGS unset or empty', () => {
    for (const env of [{ CNI_COMMAND: 'STATUS' }, { CNI_COMMAND: 'GC', CNI_ARGS: '' }]) {
      assert.deepEqual(parseMultusRequest(JSON.stringify({ env, config: CONFIG }), {}).env, env);
    }
  });

  for (const [name, body] of [
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no env', JSON.stringify({ config: CONFIG })],
    ['no config', JSON.stringify({ env: ENV })],
    ['no CNI_ARGS', JSON.stringify({ env: { ...ENV, CNI_ARGS: undefined }, config: CONFIG })],
    ['bad ips', JSON.stringify({ env: ENV, config: CONFIG, interfaceAttributes: { ips: [1] } })],
    ['bad cni-args', JSON.stringify({ env: ENV, config: CONFIG, interfaceAttributes: { 'cni-args': [] } })],
  ] as const) {
    test(`refuses ${name}`, () => {
      assert.throws(() => parseMultusRequest(body, {}), /Cannot use the request/);
    });
  }
});
