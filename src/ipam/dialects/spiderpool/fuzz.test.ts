import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SPIDER_IP_POOLS, type SpiderIPPool, type SpiderIPPoolSpec } from '#api';
import { codeOf } from '#base';
import { catalogOf } from '../../testing.ts';
import { demandsOf } from './auto-pools/demands-of.ts';
import { defaultSpiderIPPool } from './default-objects.ts';
import { parseSpiderpool } from './spiderpool.ts';
import { spiderpoolWishes } from './spiderpool-wishes.ts';
import { poolOf } from './testing.ts';
import { validateSpiderIPPool, validateSpiderIPPoolChange } from './validate-ip-pool.ts';
import { compileWildcard } from './wildcard.ts';

/** What somebody may write, some of it nearly right. */
const address = fc.oneof(
  fc.constantFrom(
    '172.18.0.1',
    '172.18.30.131',
    '172.18.30.131-172.18.30.140',
    'fd00::1',
    '172.18.30.9-172.18.30.1',
    '-',
    '',
  ),
  fc.ipV4(),
  fc.ipV6(),
  fc.string(),
);
const network = fc.oneof(fc.constantFrom('172.18.0.0/16', '0.0.0.0/0', 'fd00:30::/64', '172.18.0.1/16'), fc.string());
const selector = fc.record(
  {
    matchLabels: fc.dictionary(fc.string(), fc.string()),
    matchExpressions: fc.array(
      fc.record(
        { key: fc.string(), operator: fc.constantFrom('In', 'Exists', 'x'), values: fc.array(fc.string()) },
        { requiredKeys: ['key', 'operator'] },
      ),
    ),
  },
  { requiredKeys: [] },
);
const spec: fc.Arbitrary<SpiderIPPoolSpec> = fc.record(
  {
    subnet: network,
    ipVersion: fc.constantFrom(4, 6),
    ips: fc.array(address),
    excludeIPs: fc.array(address),
    gateway: address,
    routes: fc.array(fc.record({ dst: network, gw: address })),
    podAffinity: selector,
    nodeAffinity: selector,
    nodeName: fc.array(fc.constantFrom('n1', 'n2')),
    multusName: fc.array(fc.string()),
    disable: fc.boolean(),
    default: fc.boolean(),
  },
  { requiredKeys: ['subnet'] },
);
const KEYS = ['ippools', 'ippool', 'subnets', 'subnet', 'routes', 'ippool-ip-number', 'ippool-reclaim'];
const text = fc.oneof(
  fc.json(),
  fc.string(),
  fc
    .array(
      fc.record(
        { interface: fc.constantFrom('eth0', 'net1', ''), ipv4: fc.array(fc.string()), cleangateway: fc.boolean() },
        { requiredKeys: [] },
      ),
    )
    .map(value => JSON.stringify(value)),
  fc
    .record({ ipv4: fc.array(fc.constantFrom('a', 'b', '*', '[')), ipv6: fc.array(fc.string()) }, { requiredKeys: [] })
    .map(value => JSON.stringify(value)),
);
const annotations = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), text), { maxLength: 3 })
  .map(pairs => Object.fromEntries(pairs.map(([key, value]) => [`ipam.spidernet.io/${key}`, value])));

const CODES = ['BAD_ANNOTATION', 'NO_POOL', 'POOL_NOT_FOR_POD', 'BAD_POOL', 'BAD_CONFIG'];

test('whatever pools and pods say, a pod gets pools to take from or a sentence of ours', async () => {
  const ipam = parseSpiderpool({ type: 'spiderpool' }, { networkName: 'lan', source: 'network "lan"' });
  const own = { name: 'eth0' };
  await fc.assert(
    fc.asyncProperty(spec, spec, annotations, async (a, b, texts) => {
      const pools: readonly SpiderIPPool[] = [
        { metadata: { name: 'a' }, spec: a },
        { metadata: { name: 'b' }, spec: b },
      ];
      const context = {
        pod: { metadata: { name: 'p', namespace: 'n', uid: 'u', annotations: texts }, spec: {} },
        node: 'n1',
        interface: own,
        isDefault: true,
        interfaces: [own],
        asked: { ips: [] },
        source: 'network "lan"',
        catalog: catalogOf(pools.map(pool => [SPIDER_IP_POOLS, pool])),
        signal: AbortSignal.abort(),
      };
      try {
        const { alternatives } = await spiderpoolWishes(ipam, context);
        for (const { pools } of alternatives.flat()) assert.ok(pools.length > 0);
      } catch (error) {
        assert.ok(CODES.includes(codeOf(error)), String(error));
        assert.ok(error instanceof Error && error.message.length < 5000);
      }
    }),
    { numRuns: 2000 },
  );
});

test('whatever a pool says, it is judged, and completed to what is judged the same', () => {
  fc.assert(
    fc.property(spec, spec, (own, other) => {
      const pool = poolOf('a', own);
      const neighbours = { pools: [poolOf('b', other)], subnets: [] };
      const completed = defaultSpiderIPPool(pool, []);
      assert.equal(
        validateSpiderIPPool(completed, neighbours).length === 0,
        validateSpiderIPPool(pool, neighbours).length === 0,
      );
      assert.deepEqual(defaultSpiderIPPool(completed, []), completed);
      validateSpiderIPPoolChange(pool, poolOf('a', other), []);
    }),
    { numRuns: 2000 },
  );
});

test('whatever a workload asks of subnets, it is told or understood', () => {
  const controller = { group: 'apps', version: 'v1', kind: 'Deployment', namespace: 'n', name: 'web', uid: 'u' };
  fc.assert(
    fc.property(annotations, texts => {
      const { demands, complaints } = demandsOf({ controller, annotations: texts, pods: 2 });
      assert.ok(demands.length === 0 || complaints.length === 0);
    }),
    { numRuns: 2000 },
  );
});

test('whatever a pattern is, it is one or none', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (pattern, name) => {
      const matches = compileWildcard(pattern);
      if (matches !== undefined) assert.equal(typeof matches(name), 'boolean');
      const literal = compileWildcard(name.replaceAll(/[*?[\]\\]/g, String.raw`\$&`));
      assert.equal(literal?.(name), true);
    }),
  );
});
