import assert from 'node:assert/strict';
import { test } from 'node:test';
import { locateObject } from './located.ts';
import { readLocated } from './read-located.ts';

const TEXT = `# a comment
metadata:
  name: x
  annotations:
    a/b: "1"
spec:
  config: |
    {
      "plugins": [
        { "type": "one" },
        {
          "type": "two"
        }
      ]
    }
---
---
spec:
  config: '{
    "type": "three",
      "ipam": { "type":
        "four" }
  }'
  quoted: "{\\"a\\": 1}"
list:
  - 1
  - {b: 2}
`;

test('readLocated() tells the line of every part of every document', () => {
  const [first, second, third] = readLocated(TEXT);
  assert.deepEqual(
    [['metadata'], ['metadata', 'name'], ['metadata', 'annotations', 'a/b'], ['spec', 'config']].map(path =>
      first?.lineOf(path),
    ),
    [2, 3, 5, 7],
  );
  assert.equal(second?.value ?? null, null);
  assert.deepEqual([third?.lineOf(['list', 0]), third?.lineOf(['list', 1, 'b'])], [26, 27]);
});

test('readLocated() names the line of the nearest part when nothing stands there', () => {
  assert.equal(readLocated(TEXT)[0]?.lineOf(['metadata', 'annotations', 'nope', 3]), 4);
});

test('inside() finds lines of JSON in a block and in single quotes', () => {
  const [first, , third] = readLocated(TEXT);
  const block = first?.inside(['spec', 'config']);
  assert.deepEqual(block?.value, { plugins: [{ type: 'one' }, { type: 'two' }] });
  assert.equal(block?.lineOf(['plugins', 1, 'type']), 12);
  assert.equal(third?.inside(['spec', 'config']).lineOf(['ipam', 'type']), 21);
});

test('inside() stays on the line of the key where it cannot look further', () => {
  const third = readLocated(TEXT)[2];
  assert.equal(third?.inside(['spec', 'quoted']).lineOf(['a']), 24);
  assert.equal(third?.inside(['spec', 'nope']).lineOf(['a']), 18);
});

test('fieldOf() names parts from the object on, also in a List and in the text inside a scalar', () => {
  const [first] = readLocated(TEXT);
  assert.equal(first?.fieldOf(['metadata', 'annotations', 'a/b']), 'metadata.annotations[a/b]');
  assert.equal(first?.inside(['spec', 'config']).fieldOf(['plugins', 1, 'type']), 'spec.config.plugins[1].type');
  const item = readLocated('items:\n  - a: 1\n    spec: { config: \'{"type": 1}\' }\n')[0]?.part(['items', 0]);
  assert.deepEqual([item?.lineOf(['spec']), item?.fieldOf(['spec'])], [3, 'spec']);
  const config = item?.inside(['spec', 'config']);
  assert.deepEqual([config?.value, config?.fieldOf(['type'])], [{ type: 1 }, 'spec.config.type']);
});

test('locateObject() names the same fields without a text', () => {
  const object = locateObject({ spec: { config: '{"plugins": [{"type": "one"}]}' } });
  const config = object.inside(['spec', 'config']);
  assert.deepEqual(config.value, { plugins: [{ type: 'one' }] });
  assert.deepEqual([config.lineOf(['x']), config.fieldOf(['plugins', 0])], [1, 'spec.config.plugins[0]']);
});
