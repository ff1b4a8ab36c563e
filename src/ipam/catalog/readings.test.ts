import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubeObject } from '#api';
import { createReadings } from './readings.ts';

interface Listed extends KubeObject {
  readonly spec: { readonly ips: readonly string[] };
  readonly status?: { readonly used: number };
}

function listed(ips: readonly string[], more: Partial<Listed> = {}): Listed {
  return { metadata: { name: 'pool', uid: 'pool-1' }, spec: { ips }, ...more };
}

/** Readers that count how often they are asked. */
function countingReaders() {
  const asked = { one: 0, all: 0 };
  return {
    asked,
    one: (object: Listed): number => {
      asked.one++;
      return object.spec.ips.length;
    },
    all: (objects: readonly [Listed, ...Listed[]], read: ReturnType<typeof createReadings>['read']): string => {
      asked.all++;
      return objects.map(object => read(object, count)).join(' ');
    },
  };
}

function count({ spec }: Listed): number {
  return spec.ips.length;
}

test('read() asks a reader once for an object, and each reader by itself', () => {
  const { read } = createReadings();
  const { asked, one } = countingReaders();
  const object = listed(['a', 'b']);
  assert.deepEqual([read(object, one), read(object, one), asked.one], [2, 2, 1]);
  assert.equal(
    read(object, ({ spec }) => spec.ips[0]),
    'a',
  );
});

test('read() reads no version again that differs in its status alone', () => {
  const { read } = createReadings();
  const { asked, one } = countingReaders();
  read(listed(['a']), one);
  const later = listed(['a'], { metadata: { name: 'pool', uid: 'pool-1', resourceVersion: '2' }, status: { used: 1 } });
  assert.equal(read(later, one), 1);
  assert.equal(asked.one, 1);
});

const OTHERS: readonly (readonly [string, Listed])[] = [
  ['another spec', listed(['b'])],
  ['other annotations', listed(['a'], { metadata: { name: 'pool', uid: 'pool-1', annotations: { x: 'y' } } })],
  ['other labels', listed(['a'], { metadata: { name: 'pool', uid: 'pool-1', labels: { x: 'y' } } })],
  ['another uid', listed(['a'], { metadata: { name: 'pool', uid: 'pool-2' } })],
];

for (const [name, other] of OTHERS) {
  test(`read() reads what has ${name}`, () => {
    const { read } = createReadings();
    const { asked, one } = countingReaders();
    read(listed(['a']), one);
    read(other, one);
    assert.equal(asked.one, 2);
    // The former version is not what the latest says.
    read(listed(['a']), one);
    assert.equal(asked.one, name === 'another uid' ? 2 : 3);
  });
}

test('read() knows an object without uid by itself only', () => {
  const { read } = createReadings();
  const { asked, one } = countingReaders();
  const bare = (): Listed => listed(['a'], { metadata: { name: 'pool' } });
  read(bare(), one);
  read(bare(), one);
  assert.equal(asked.one, 2);
});

test('readTogether() asks again when one of the objects says something else, has come or gone, or stands elsewhere', () => {
  const { readTogether } = createReadings();
  const { asked, all } = countingReaders();
  const subnet = listed(['a', 'b'], { metadata: { name: 'subnet', uid: 'subnet-1' } });
  const [pool, other] = [listed(['c']), listed(['d', 'e', 'f'], { metadata: { name: 'other', uid: 'other-1' } })];
  const ask = (...objects: [Listed, ...Listed[]]): readonly [string, number] => [readTogether(objects, all), asked.all];
  assert.deepEqual(ask(subnet, pool), ['2 1', 1]);
  assert.deepEqual(ask({ ...subnet, status: { used: 1 } }, { ...pool, status: { used: 2 } }), ['2 1', 1]);
  assert.deepEqual(ask(subnet), ['2', 2]);
  assert.deepEqual(ask(subnet, pool, other), ['2 1 3', 3]);
  assert.deepEqual(ask(subnet, other, pool), ['2 3 1', 4]);
  assert.deepEqual(ask(subnet, listed(['c', 'g'])), ['2 2', 5]);
  assert.deepEqual(ask(subnet, pool, other), ['2 1 3', 5]);
});
