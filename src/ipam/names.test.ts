import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Ip, maxValue, parseIp } from '#ip';
import { encodeNetworkName, resolveScope } from './config/resolve-scope.ts';
import { claimName, parseClaimName } from './store/claim-name.ts';
import { labelHash } from './store/label-hash.ts';

/** Kubernetes' rule for object names: a DNS subdomain. */
const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const anyIp: fc.Arbitrary<Ip> = fc.oneof(
  fc.bigInt({ min: 0n, max: maxValue(4) }).map((value): Ip => ({ family: 4, value })),
  fc.bigInt({ min: 0n, max: maxValue(6) }).map((value): Ip => ({ family: 6, value })),
);
/** Names as users write them, and anything else. */
const anyName = fc.oneof(
  fc.stringMatching(/^[a-z0-9.-]{1,12}$/),
  fc.string({ minLength: 1, maxLength: 80, unit: 'binary' }),
  fc.constantFrom('default', 'Blue', 'blue', 'n--blue', 'n--default', 'a--b', 'a-b', 'x'.repeat(64), 'é', '-', 'h--1'),
);

test('claimName() makes valid object names that parseClaimName() reads back', () => {
  fc.assert(
    fc.property(anyName, anyIp, (network, ip) => {
      const scope = encodeNetworkName(network);
      const name = claimName(scope, ip);
      assert.match(name, OBJECT_NAME);
      assert.ok(name.length <= 253);
      assert.deepEqual(parseClaimName(name), { scope, ip });
    }),
    { numRuns: 1000 },
  );
});

test('claimName() spells the address out', () => {
  assert.equal(claimName('lan', parseIp('172.18.30.131')), 'lan-172.18.30.131');
  assert.equal(claimName('lan', parseIp('fd00::5')), 'lan-fd00-0000-0000-0000-0000-0000-0000-0005');
});

test('parseClaimName() knows no other names', () => {
  for (const name of ['172.18.30.131', 'lan-172.18.30', 'lan-172.18.30.256', 'lan-fd00-5', '-10.0.0.1', 'lan']) {
    assert.equal(parseClaimName(name), undefined, name);
  }
});

test('encodeNetworkName() never gives two names one scope', () => {
  fc.assert(
    fc.property(anyName, anyName, (a, b) => {
      assert.equal(encodeNetworkName(a) === encodeNetworkName(b), a === b);
    }),
    { numRuns: 2000 },
  );
  assert.equal(encodeNetworkName('blue'), 'blue');
  assert.equal(encodeNetworkName('Blue.lan'), 'n---42lue-2elan');
  assert.notEqual(encodeNetworkName('default'), 'default');
});

test('resolveScope() prefers the annotation, then the network name, then the cluster', () => {
  const source = 'NetworkAttachmentDefinition "default/x"';
  assert.equal(resolveScope({ source, scope: 'lan', networkName: 'blue' }), 'lan');
  assert.equal(resolveScope({ source, networkName: 'blue' }), 'blue');
  assert.equal(resolveScope({ source, networkName: '' }), 'default');
  assert.equal(resolveScope({ source }), 'default');
});

test('resolveScope() refuses an annotation that is no label, naming it', () => {
  for (const scope of ['', 'Lan', 'a.b', '-a', 'a-', 'a--b', 'x'.repeat(64)]) {
    assert.throws(() => resolveScope({ source: 'NAD "x"', scope }), {
      code: 'BAD_SCOPE',
      message: `Cannot use NAD "x": annotation underlane.io/scope is ${JSON.stringify(scope)}, expected at most 63 lower-case letters, digits and single dashes, not at the ends`,
    });
  }
});

test('labelHash() fits a label value for any text', () => {
  fc.assert(
    fc.property(fc.string(), text => {
      assert.match(labelHash(text), LABEL_VALUE);
      assert.ok(labelHash(text).length <= 63);
    }),
  );
  assert.notEqual(labelHash('a'), labelHash('b'));
});
