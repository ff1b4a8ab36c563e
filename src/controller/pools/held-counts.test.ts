import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimOf } from '../views/testing.ts';
import { createHeldCounts } from './held-counts.ts';

test('HeldCounts count each claim once, whatever becomes of it', () => {
  const counts = createHeldCounts();
  const pool = { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'p' };
  const text = 'spiderpool SpiderIPPool p 4';
  const shown = () => [counts.of(text), counts.inQuarantine(text)];
  const held = claimOf({ address: '10.0.0.2/24', pool });
  const aside = claimOf({ address: '10.0.0.2/24', pool, quarantine: '02:00:00:00:00:01' });
  for (const [object, expected] of [
    [held, [1, 0]],
    [held, [1, 0]],
    [aside, [1, 1]],
    [claimOf({ address: '10.0.0.3/24', pool }), [2, 1]],
    [held, [2, 0]],
    [{ ...held, spec: { ...held.spec, pool: { ...pool, name: 'another' } } }, [1, 0]],
  ] as const) {
    counts.apply({ type: 'put', object });
    assert.deepEqual(shown(), expected);
  }
  counts.apply({ type: 'deleted', object: claimOf({ address: '10.0.0.3/24', pool }) });
  assert.deepEqual(shown(), [0, 0]);
});
