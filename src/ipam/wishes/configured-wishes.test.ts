import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takesClaims } from '../config/ipam-config.ts';
import { parseIpam } from '../config/parse-ipam.ts';
import type { AskedAddresses } from './asked-addresses.ts';
import { configuredWishes } from './configured-wishes.ts';

const PLACE = { source: 'network "lan"', node: 'n1' };

const context = { networkName: 'lan', source: 'network "lan"' };

function parse(fields: Readonly<Record<string, unknown>>) {
  const config = parseIpam(fields, context);
  return config.dialect === 'whereabouts' || config.dialect === 'static' ? config : assert.fail();
}

function staticWith(asked: Partial<AskedAddresses>) {
  const config = parse({
    type: 'static',
    addresses: [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }, { address: 'fd00::5/64' }],
  });
  const { alternatives, fixed } = configuredWishes(config, { ...PLACE, asked: { ips: [], ...asked } });
  assert.deepEqual(alternatives, [[]]);
  return fixed;
}

const dual = {
  type: 'whereabouts',
  ipRanges: [{ range: '10.0.0.0/24' }, { range: 'fd00::/64' }],
  addresses: [{ address: '10.9.0.5/24' }],
};

/** The text that each slot asks for, and what is handed out as it stands. */
function dualWith(asked: Partial<AskedAddresses>): readonly [readonly unknown[], readonly unknown[]] {
  const { alternatives, fixed } = configuredWishes(parse(dual), { ...PLACE, asked: { ips: [], ...asked } });
  const [claims = []] = alternatives;
  assert.deepEqual(
    claims.map(({ pools: [pool] }) => pool?.family),
    [4, 6],
  );
  return [claims.map(({ address }) => address), fixed];
}

test('configuredWishes() of static hands out what the configuration lists', () => {
  assert.deepEqual(staticWith({}), [{ address: '10.0.0.5/24', gateway: '10.0.0.1' }, { address: 'fd00::5/64' }]);
});

test('configuredWishes() of static adds IP of CNI_ARGS, and GATEWAY wherever its network holds it', () => {
  assert.deepEqual(staticWith({ argIps: ['10.1.0.5/24'], argGateways: ['10.1.0.1', 'fd00::1', '10.0.0.254'] }), [
    { address: '10.0.0.5/24', gateway: '10.0.0.254' },
    { address: 'fd00::5/64', gateway: 'fd00::1' },
    { address: '10.1.0.5/24', gateway: '10.1.0.1' },
  ]);
  assert.throws(() => staticWith({ argGateways: ['10.7.0.1'] }), {
    code: 'BAD_CONFIG',
    message: /GATEWAY of CNI_ARGS is "10\.7\.0\.1", expected an address inside the network of an address beside it$/,
  });
});

test('configuredWishes() of static is replaced by what the runtime or the pod asks for, gateways by their network', () => {
  assert.deepEqual(staticWith({ ips: ['10.0.0.9/24', '10.8.0.9/24'], argIps: ['10.1.0.5/24'] }), [
    { address: '10.0.0.9/24', gateway: '10.0.0.1' },
    { address: '10.8.0.9/24' },
  ]);
  assert.throws(() => staticWith({ ips: ['10.0.0.9'] }), /is "10\.0\.0\.9", expected an address with prefix length/);
});

test('configuredWishes() of whereabouts takes a claim of each pool, and what stands beside them', () => {
  assert.deepEqual(dualWith({}), [[undefined, undefined], [{ address: '10.9.0.5/24' }]]);
});

test('configuredWishes() of whereabouts claims an address that was asked for from the pool that hands it out', () => {
  assert.deepEqual(dualWith({ ips: ['fd00::7'] })[0], [undefined, 'fd00::7']);
  assert.deepEqual(dualWith({ ips: ['fd00::7/64', '10.0.0.7'] })[0], ['10.0.0.7', 'fd00::7/64']);
  assert.deepEqual(dualWith({ argIps: ['10.0.0.7/24'] })[0], ['10.0.0.7/24', undefined]);
  // The runtime says the same in both places.
  assert.deepEqual(dualWith({ ips: ['10.0.0.7'], argIps: ['10.0.0.7'] })[0], ['10.0.0.7', undefined]);
  // Its pool says why not.
  assert.deepEqual(dualWith({ ips: ['10.7.0.7'] })[0], ['10.7.0.7', undefined]);
});

test('configuredWishes() of whereabouts refuses to leave out an address that was asked for', () => {
  assert.throws(() => dualWith({ ips: ['10.0.0.7', 'fd00::7', '10.0.0.8'] }), {
    code: 'ADDRESS_OUTSIDE_POOL',
    message:
      'Cannot take addresses for network "lan": ips holds 10.0.0.7, fd00::7, 10.0.0.8, expected at most 2, as many as its ipam hands out',
  });
});

test('configuredWishes() of whereabouts adds an address of CNI_ARGS that no range holds, with its gateway', () => {
  assert.deepEqual(dualWith({ argIps: ['10.7.0.7/24', '10.0.0.7/24'], argGateways: ['10.7.0.1'] }), [
    ['10.0.0.7/24', undefined],
    [{ address: '10.9.0.5/24' }, { address: '10.7.0.7/24', gateway: '10.7.0.1' }],
  ]);
});

test('takesClaims() tells what needs an API server', () => {
  assert.equal(takesClaims(parse(dual)), true);
  assert.equal(takesClaims(parse({ type: 'whereabouts', addresses: dual.addresses })), false);
  assert.equal(takesClaims(parse({ type: 'static' })), false);
});
