import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasMember, type StatefulSet } from './stateful-set.ts';

test('hasMember() knows the ordinals of a StatefulSet from its start on', () => {
  const cases: readonly [StatefulSet['spec'], string, boolean][] = [
    [{ replicas: 2 }, 'web-0', true],
    [{ replicas: 2 }, 'web-1', true],
    [{ replicas: 2 }, 'web-2', false],
    [{}, 'web-0', true],
    [{}, 'web-1', false],
    [{ replicas: 0 }, 'web-0', false],
    [{ replicas: 3, ordinals: { start: 10 } }, 'web-9', false],
    [{ replicas: 3, ordinals: { start: 10 } }, 'web-10', true],
    [{ replicas: 3, ordinals: { start: 10 } }, 'web-12', true],
    [{ replicas: 3, ordinals: { start: 10 } }, 'web-13', false],
    [{ replicas: 3 }, 'web-01', false],
    [{ replicas: 3 }, 'web-x', false],
    [{ replicas: 3 }, 'webb-0', false],
    [{ replicas: 3 }, 'web', false],
  ];
  for (const [spec, pod, isOne] of cases) {
    assert.equal(hasMember({ metadata: { name: 'web' }, spec }, pod), isOne, `${pod} of ${JSON.stringify(spec)}`);
  }
});
