import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSameJson } from './json.ts';
import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import { StatusError } from './status-error.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

test('mergePatch() does what the examples of RFC 7386 appendix A show', () => {
  const cases: readonly (readonly [unknown, unknown, unknown])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, result] of cases) assert.deepEqual(mergePatch(target, patch), result);
});

test('mergePatch() is idempotent and leaves its inputs alone', () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(json, json, (target, patch) => {
      const before = JSON.stringify([target, patch]);
      const once = mergePatch(target, patch);
      assert.ok(isSameJson(mergePatch(once, patch), once));
      assert.equal(JSON.stringify([target, patch]), before);
    }),
  );
});

test('jsonPatch() adds, replaces, removes, moves, copies and tests', () => {
  const target = { a: [1, 2, 3], b: { 'x/y': 'z', 'm~n': 0 } };
  const apply = (...operations: readonly object[]): unknown => jsonPatch(target, operations);
  assert.deepEqual(apply({ op: 'add', path: '/a/1', value: 9 }), { ...target, a: [1, 9, 2, 3] });
  assert.deepEqual(apply({ op: 'add', path: '/a/-', value: 9 }), { ...target, a: [1, 2, 3, 9] });
  assert.deepEqual(apply({ op: 'remove', path: '/a/0' }), { ...target, a: [2, 3] });
  assert.deepEqual(apply({ op: 'replace', path: '/b/x~1y', value: 'q' }), { ...target, b: { 'x/y': 'q', 'm~n': 0 } });
  assert.deepEqual(apply({ op: 'move', from: '/b/m~0n', path: '/c' }), { a: [1, 2, 3], b: { 'x/y': 'z' }, c: 0 });
  assert.deepEqual(apply({ op: 'copy', from: '/a/2', path: '/c' }, { op: 'test', path: '/c', value: 3 }), {
    ...target,
    c: 3,
  });
});

test('jsonPatch() refuses paths that are not there, failing tests and operations it does not know', () => {
  const wrong: readonly unknown[] = [
    { op: 'remove', path: '/none' },
    { op: 'replace', path: '/a/9', value: 1 },
    { op: 'add', path: '/a/4', value: 1 },
    { op: 'test', path: '/a', value: [1] },
    { op: 'add', path: 'a', value: 1 },
    { op: 'increase', path: '/a', value: 1 },
    7,
  ];
  for (const operation of wrong)
    assert.throws(() => jsonPatch({ a: [1, 2, 3] }, [operation]), StatusError, JSON.stringify(operation));
  assert.throws(() => jsonPatch({}, {}), StatusError);
});

test('strategicMergePatch() merges lists by key and replaces the others', () => {
  const pod = {
    spec: { containers: [{ name: 'a', image: '1', args: ['x', 'y'] }, { name: 'b' }], tolerations: [{ key: 'k' }] },
  };
  const patch = {
    spec: { containers: [{ name: 'a', image: '2', args: ['z'] }, { name: 'c' }], tolerations: [{ key: 'l' }] },
  };
  assert.deepEqual(strategicMergePatch(pod, patch), {
    spec: {
      containers: [{ name: 'a', image: '2', args: ['z'] }, { name: 'c' }, { name: 'b' }],
      tolerations: [{ key: 'l' }],
    },
  });
});

test('strategicMergePatch() heeds its directives', () => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
    { name: 'C', value: '3' },
  ];
  assert.deepEqual(strategicMergePatch({ env }, { env: [{ name: 'B', $patch: 'delete' }] }), { env: [env[0], env[2]] });
  assert.deepEqual(strategicMergePatch({ env }, { env: [{ name: 'D' }, { $patch: 'replace' }] }), {
    env: [{ name: 'D' }],
  });
  assert.deepEqual(
    strategicMergePatch({ env }, { '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }, { name: 'B' }] }),
    { env: [env[2], env[0], env[1]] },
  );
  assert.deepEqual(strategicMergePatch({ a: { b: 1, c: 2 } }, { a: { $patch: 'replace', d: 3 } }), { a: { d: 3 } });
  assert.deepEqual(strategicMergePatch({ a: { b: 1 } }, { a: { $patch: 'delete' } }), {});
  assert.deepEqual(strategicMergePatch({ s: { type: 'X', x: 1 } }, { s: { $retainKeys: ['type'], type: 'Y' } }), {
    s: { type: 'Y' },
  });
  assert.deepEqual(
    strategicMergePatch(
      { finalizers: ['a', 'b'] },
      { finalizers: ['c'], '$deleteFromPrimitiveList/finalizers': ['a'] },
    ),
    { finalizers: ['c', 'b'] },
  );
});

test('strategicMergePatch() tells the ports of a Service from those of a container', () => {
  assert.deepEqual(
    strategicMergePatch({ ports: [{ port: 80, nodePort: 30000 }] }, { ports: [{ port: 80, name: 'http' }] }),
    {
      ports: [{ port: 80, nodePort: 30000, name: 'http' }],
    },
  );
  assert.deepEqual(
    strategicMergePatch(
      { ports: [{ containerPort: 80, protocol: 'TCP' }] },
      { ports: [{ containerPort: 80, name: 'http' }] },
    ),
    {
      ports: [{ containerPort: 80, protocol: 'TCP', name: 'http' }],
    },
  );
});
