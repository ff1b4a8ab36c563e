import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseProtobufObject } from './protobuf.ts';

/** One field: a number, or bytes with their length before them. */
function field(number: number, value: number | string | Buffer): Buffer {
  if (typeof value === 'number') return Buffer.of(number * 8, value);
  const bytes = Buffer.from(value);
  assert.ok(bytes.length < 128);
  return Buffer.concat([Buffer.of(number * 8 + 2, bytes.length), bytes]);
}

function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  const typeMeta = Buffer.concat([field(1, apiVersion), field(2, kind)]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, typeMeta), field(2, raw), field(3, ''), field(4, '')]);
}

test('parseProtobufObject() reads names, maps and lists, and leaves empty parts out', () => {
  const labels = Buffer.concat([field(1, 'a'), field(2, 'b')]);
  const metadata = Buffer.concat([field(1, 'x'), field(2, ''), field(8, ''), field(11, labels)]);
  const data = Buffer.concat([field(2, Buffer.concat([field(1, 'k'), field(2, 'v')])), field(2, field(1, 'empty'))]);
  assert.deepEqual(parseProtobufObject(envelope('v1', 'ConfigMap', Buffer.concat([field(1, metadata), data]))), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', labels: { a: 'b' } },
    data: { k: 'v', empty: '' },
  });
});

test('parseProtobufObject() keeps a zero that somebody wrote on purpose', () => {
  const options = envelope('apps/v1', 'DeleteOptions', Buffer.concat([field(1, 0), field(5, 'All')]));
  assert.deepEqual(parseProtobufObject(options), {
    apiVersion: 'apps/v1',
    kind: 'DeleteOptions',
    gracePeriodSeconds: 0,
    dryRun: ['All'],
  });
});

test('parseProtobufObject() refuses what it would have to drop, and names the way around', () => {
  const unknownField = envelope('v1', 'Namespace', field(9, 'x'));
  assert.throws(() => parseProtobufObject(unknownField), /does not read field 9 of v1 Namespace: .*kubectl apply -f/);
  assert.throws(() => parseProtobufObject(envelope('batch/v1', 'Job', Buffer.alloc(0))), /does not read batch\/v1 Job/);
});

test('parseProtobufObject() refuses bodies that are cut off or are something else', () => {
  const whole = envelope('v1', 'Namespace', field(1, field(1, 'x')));
  assert.throws(() => parseProtobufObject(whole.subarray(0, 12)), /ends inside a protobuf field/);
  assert.throws(() => parseProtobufObject(Buffer.from('{}')), /is no Kubernetes protobuf/);
});
