import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseIpam } from '../config/parse-ipam.ts';

const context = { networkName: 'lan', source: 'NAD "default/lan"' };

function parse(fields: Readonly<Record<string, unknown>>) {
  return parseIpam({ type: 'static', ...fields }, context);
}

test('parseStatic() reads addresses of both families, routes and dns', () => {
  assert.deepEqual(
    parse({
      addresses: [
        { address: '10.0.0.5/24', gateway: '10.0.0.1' },
        { address: 'FD00::5/64', gateway: 'fd00::1' },
        { address: '10.9.9.9/32', gateway: '10.0.0.1' },
      ],
      routes: [{ dst: '0.0.0.0/0' }],
      dns: { nameservers: ['10.0.0.53'] },
    }),
    {
      dialect: 'static',
      networkName: 'lan',
      addresses: [
        { address: '10.0.0.5/24', gateway: '10.0.0.1' },
        { address: 'fd00::5/64', gateway: 'fd00::1' },
        { address: '10.9.9.9/32', gateway: '10.0.0.1' },
      ],
      routes: [{ dst: '0.0.0.0/0' }],
      dns: { nameservers: ['10.0.0.53'] },
    },
  );
});

test('parseStatic() takes a configuration without addresses: the pod names them', () => {
  assert.deepEqual(parse({}), { dialect: 'static', networkName: 'lan', addresses: [], routes: [], dns: {} });
});

test('parseStatic() refuses a wrong field, naming field, value and what was expected', () => {
  const address = '10.0.0.5/24';
  const cases: readonly [Readonly<Record<string, unknown>>, string][] = [
    [
      { addresses: [{ address: '10.0.0.5' }] },
      'addresses[0].address is "10.0.0.5", expected an address with prefix length, like 10.0.0.5/24 or fd00::5/64',
    ],
    [
      { addresses: [{ address }, { address, gateway: '10.0.1.1' }] },
      'addresses[1].gateway is "10.0.1.1", expected an address inside 10.0.0.0/24',
    ],
    [
      { addresses: [{ address, gateway: 'fd00::1' }] },
      'addresses[0].gateway is "fd00::1", expected an IPv4 address, as addresses[0].address is one',
    ],
    [{ addresses: [{ gateway: '10.0.0.1' }] }, 'addresses[0].address is missing, expected a string'],
    [{ addresses: [{ address, gw: 'x' }] }, 'addresses[0] has unknown field "gw", expected only known ones'],
    [{ address }, 'unknown field "address" is "10.0.0.5/24", expected only the fields type, addresses, routes, dns'],
  ];
  for (const [fields, expected] of cases) {
    assert.throws(() => parse(fields), {
      code: 'BAD_CONFIG',
      message: `Cannot use ipam of NAD "default/lan": ${expected}`,
    });
  }
});
