import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { orderParts } from './pool-parts.ts';

const anyNodes = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 80 });
const anyCount = fc.integer({ min: 1, max: 64 });

test('orderParts() gives every part once, whoever is known', () => {
  fc.assert(
    fc.property(anyCount, anyNodes, (count, [node = '', ...rivals]) => {
      const parts = orderParts(count, 'lan', node, new Set(rivals));
      assert.deepEqual(
        parts.toSorted((a, b) => a - b),
        Array.from({ length: count }, (_, part) => part),
      );
    }),
  );
});

test('orderParts() gives nodes that know of each other parts of their own first, as many as the others have', () => {
  fc.assert(
    fc.property(anyCount, anyNodes, (count, nodes) => {
      const share = Math.floor(count / nodes.length);
      const own = nodes.flatMap(node => orderParts(count, 'lan', node, new Set(nodes)).slice(0, share));
      assert.equal(new Set(own).size, share * nodes.length);
    }),
  );
});

test('orderParts() goes on to what comes last to its owner', () => {
  const nodes = new Set(['n0', 'n1', 'n2', 'n3']);
  const [own, others] = [orderParts(64, 'lan', 'n0', nodes), orderParts(64, 'lan', 'n1', nodes).slice(0, 16)];
  const places = others.map(part => own.indexOf(part));
  assert.ok(
    places.every(place => place >= 16),
    "none of another node's among its own 16",
  );
  assert.ok(Math.max(...places.slice(0, 4)) > Math.max(...places.slice(12)), 'its first ones after its last ones');
});

test('orderParts() without others is an order of the node’s own', () => {
  const [a, b] = ['n0', 'n1'].map(node => orderParts(64, 'lan', node, new Set()));
  assert.notDeepEqual(a, b);
  assert.deepEqual(a, orderParts(64, 'lan', 'n0', new Set(['n0'])));
});
