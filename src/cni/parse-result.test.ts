import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CniError } from './errors.ts';
import { formatResult } from './format-result.ts';
import { parseResult } from './parse-result.ts';
import { type CniResult, emptyResult } from './result.ts';
import { SUPPORTED_VERSIONS } from './versions.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter(text => !text.includes('%'));
const cidr = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([ip, length]) => `${ip}/${length}`),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([ip, length]) => `${ip}/${length}`),
);
const address = fc.oneof(ipv4, ipv6);
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });

/** What every version can carry. */
const anyResult: fc.Arbitrary<CniResult> = fc.record({
  interfaces: fc.array(fc.record({ name: word, mac: word, sandbox: word }, { requiredKeys: ['name'] }), {
    maxLength: 3,
  }),
  ips: fc.array(fc.record({ address: cidr, gateway: address, interface: fc.nat(9) }, { requiredKeys: ['address'] })),
  routes: fc.array(fc.record({ dst: cidr, gw: address }, { requiredKeys: ['dst'] })),
  dns: fc.record(
    { nameservers: some(word), domain: word, search: some(word), options: some(word) },
    { requiredKeys: [] },
  ),
});

test('parseResult() reads back what formatResult() printed, in every version', () => {
  fc.assert(
    fc.property(anyResult, fc.constantFrom(...SUPPORTED_VERSIONS), (result, version) => {
      const text = formatResult(result, version);
      assert.deepEqual(normal(parseResult(text, 'unused')), normal(result));
      assert.equal(formatResult(parseResult(text, 'unused'), version), text);
    }),
  );
});

/** fast-check's records have no prototype, which deepEqual tells apart. */
function normal(result: CniResult): unknown {
  return JSON.parse(JSON.stringify(result));
}

test('parseResult() keeps route and link details that reference plugins print before 1.1.0', () => {
  const details = { mtu: 1400, advmss: 1360, priority: 7, table: 100, scope: 253 };
  const raw = { interfaces: [{ name: 'net1', mtu: 1400 }], routes: [{ dst: '10.0.0.0/8', ...details }] };
  const result = parseResult(raw, '1.0.0');
  assert.deepEqual(result.interfaces, [{ name: 'net1', mtu: 1400 }]);
  assert.deepEqual(result.routes, [{ dst: '10.0.0.0/8', ...details }]);
});

test('parseResult() takes null, empty texts and null lists as absent', () => {
  assert.deepEqual(parseResult('null', '1.0.0'), emptyResult);
  assert.deepEqual(parseResult({ ips: null, routes: null, dns: null, cniVersion: '' }, '0.3.1'), emptyResult);
  const result = parseResult({ interfaces: [{ name: 'a', mac: '', sandbox: '' }] }, '0.4.0');
  assert.deepEqual(result.interfaces, [{ name: 'a' }]);
});

test('parseResult() takes the version from the result, else the fallback', () => {
  assert.throws(() => parseResult({ cniVersion: '2.0.0' }, '1.0.0', 'Result of "x"'), {
    code: 'CNI_INCOMPATIBLE_VERSION',
    cniCode: 1,
    message: 'Result of "x": cniVersion is "2.0.0", expected one of 0.3.0, 0.3.1, 0.4.0, 1.0.0',
  });
  assert.throws(() => parseResult({}, '0.1.0'), { cniCode: 1 });
});

test('parseResult() names the field that is wrong', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ['', 'CNI result is not JSON: it is empty'],
    [[], 'CNI result: result is [], expected an object'],
    [{ ips: {} }, 'CNI result: ips is {}, expected a list'],
    [{ ips: [7] }, 'CNI result: ips[0] is 7, expected an object'],
    [
      { ips: [{ address: '10.0.0.1' }] },
      'CNI result: ips[0].address is "10.0.0.1", expected an address with prefix length',
    ],
    [
      { ips: [{ address: '10.0.0.1/33' }] },
      'CNI result: ips[0].address is "10.0.0.1/33", expected an address with prefix length',
    ],
    [{ ips: [{}] }, 'CNI result: ips[0].address is nothing, expected an address with prefix length'],
    [{ ips: [{ address: '::1/64', gateway: 'x' }] }, 'CNI result: ips[0].gateway is "x", expected an IP address'],
    [
      { ips: [{ address: '::1/64', interface: -1 }] },
      'CNI result: ips[0].interface is -1, expected a whole number of at least 0',
    ],
    [
      { routes: [{ dst: 'default' }] },
      'CNI result: routes[0].dst is "default", expected an address with prefix length',
    ],
    [{ interfaces: [{ name: 1 }] }, 'CNI result: interfaces[0].name is 1, expected a string'],
    [{ dns: { search: [1] } }, 'CNI result: dns.search[0] is 1, expected a string'],
  ];
  for (const [raw, message] of cases) assert.throws(() => parseResult(raw, '1.0.0'), { message, cniCode: 6 });
});

test('parseResult() throws nothing but CniError, whatever it is given', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.jsonValue(), fc.json()), raw => {
      try {
        parseResult(raw, '1.0.0');
      } catch (error) {
        assert.ok(error instanceof CniError, String(error));
      }
    }),
  );
});
