import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CniError } from './errors.ts';
import { formatResult } from './format-result.ts';
import { parseResult } from './parse-result.ts';
import { type CniResult, emptyResult } from './result.ts';
import { type CniVersion, featuresOf, SUPPORTED_VERSIONS } from './versions.ts';

const word = fc.stringMatching(/^[a-z][a-z0-9]{0,9}$/);
const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6().filter(text => !text.includes('%'));
const cidr = fc.oneof(
  fc.tuple(ipv4, fc.integer({ min: 0, max: 32 })).map(([ip, length]) => `${ip}/${length}`),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 })).map(([ip, length]) => `${ip}/${length}`),
);
const address = fc.oneof(ipv4, ipv6);
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });

/** What every version from 0.3.0 on can carry. */
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

const withLists = SUPPORTED_VERSIONS.filter(version => featuresOf(version).hasInterfaces);

test('parseResult() reads back what formatResult() printed, in every version', () => {
  fc.assert(
    fc.property(anyResult, fc.constantFrom(...withLists), (result, version) => {
      const text = formatResult(result, version);
      assert.deepEqual(normal(parseResult(text, 'unused')), normal(result));
      assert.equal(formatResult(parseResult(text, 'unused'), version), text);
    }),
  );
});

/** Shapes from the poorest to the richest: what a version can say, every later one can. */
const shapeOf = (version: CniVersion): number =>
  Number(featuresOf(version).hasInterfaces) + Number(featuresOf(version).hasDetails);

const detailed: fc.Arbitrary<CniResult> = fc.record({
  interfaces: some(
    fc.record(
      { name: word, mac: word, mtu: fc.nat(), sandbox: word, socketPath: word, pciID: word },
      { requiredKeys: ['name'] },
    ),
  ),
  ips: some(fc.record({ address: cidr, gateway: address, interface: fc.nat(2) }, { requiredKeys: ['address'] })),
  routes: fc.array(
    fc.record(
      {
        dst: cidr,
        gw: address,
        mtu: fc.nat(),
        advmss: fc.nat(),
        priority: fc.nat(),
        table: fc.nat(),
        scope: fc.nat(255),
      },
      { requiredKeys: ['dst'] },
    ),
  ),
  dns: fc.record({ nameservers: some(word), domain: word }, { requiredKeys: [] }),
});

test('a result taken through any version and on to any other says what the poorer of the two can say', () => {
  fc.assert(
    fc.property(
      detailed,
      fc.constantFrom(...SUPPORTED_VERSIONS),
      fc.constantFrom(...SUPPORTED_VERSIONS),
      (result, from, to) => {
        const through = parseResult(formatResult(result, from), 'unused');
        const poorer = shapeOf(from) < shapeOf(to) ? from : to;
        assert.deepEqual(
          normal(parseResult(formatResult(through, to), 'unused')),
          normal(parseResult(formatResult(result, poorer), 'unused')),
        );
      },
    ),
    { numRuns: 1000 },
  );
});

test('parseResult() reads the addresses of a result from before 0.3.0, and knows of no interfaces', () => {
  const raw = {
    ip4: {
      ip: '10.0.0.5/16',
      gateway: '10.0.0.1',
      routes: [{ dst: '0.0.0.0/0' }, { dst: '10.9.0.0/16', gw: '10.0.0.9' }],
    },
    ip6: { ip: 'fd00::5/64', routes: null },
    dns: { nameservers: ['10.0.0.2'] },
  };
  for (const cniVersion of ['0.1.0', '0.2.0']) {
    assert.deepEqual(parseResult(raw, cniVersion), {
      interfaces: [],
      ips: [{ address: '10.0.0.5/16', gateway: '10.0.0.1' }, { address: 'fd00::5/64' }],
      routes: [{ dst: '0.0.0.0/0' }, { dst: '10.9.0.0/16', gw: '10.0.0.9' }],
      dns: { nameservers: ['10.0.0.2'] },
    });
  }
  assert.deepEqual(parseResult({ ip4: null, dns: {} }, '0.2.0'), emptyResult);
  for (const [ip4, message] of [
    [7, 'Cannot use CNI result: ip4 is 7, expected an object'],
    [{}, 'Cannot use CNI result: ip4.ip is missing, expected an address with prefix length'],
    [{ ip: '10.0.0.5/16', routes: [7] }, 'Cannot use CNI result: ip4.routes[0] is 7, expected an object'],
  ] as const) {
    assert.throws(() => parseResult({ ip4 }, '0.2.0'), { message, cniCode: 6 });
  }
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
  assert.throws(() => parseResult({ cniVersion: '2.0.0' }, '1.0.0', 'result of "x"'), {
    code: 'CNI_INCOMPATIBLE_VERSION',
    cniCode: 1,
    message:
      'Cannot use result of "x": cniVersion is "2.0.0", expected one of 0.1.0, 0.2.0, 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0',
  });
  assert.throws(() => parseResult({}, '0.0.9'), { cniCode: 1 });
});

test('parseResult() names the field that is wrong', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    ['', 'Cannot use CNI result: not JSON: it is empty'],
    [[], 'Cannot use CNI result: result is [], expected an object'],
    [{ ips: {} }, 'Cannot use CNI result: ips is {}, expected a list'],
    [{ ips: [7] }, 'Cannot use CNI result: ips[0] is 7, expected an object'],
    [
      { ips: [{ address: '10.0.0.1' }] },
      'Cannot use CNI result: ips[0].address is "10.0.0.1", expected an address with prefix length',
    ],
    [
      { ips: [{ address: '10.0.0.1/33' }] },
      'Cannot use CNI result: ips[0].address is "10.0.0.1/33", expected an address with prefix length',
    ],
    [{ ips: [{}] }, 'Cannot use CNI result: ips[0].address is missing, expected an address with prefix length'],
    [
      { ips: [{ address: '::1/64', gateway: 'x' }] },
      'Cannot use CNI result: ips[0].gateway is "x", expected an IP address',
    ],
    [
      { ips: [{ address: '::1/64', interface: -1 }] },
      'Cannot use CNI result: ips[0].interface is -1, expected a whole number of at least 0',
    ],
    [
      { routes: [{ dst: 'default' }] },
      'Cannot use CNI result: routes[0].dst is "default", expected an address with prefix length',
    ],
    [{ interfaces: [{ name: 1 }] }, 'Cannot use CNI result: interfaces[0].name is 1, expected a string'],
    [{ dns: { search: [1] } }, 'Cannot use CNI result: dns.search[0] is 1, expected a string'],
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
