import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Pod, WHEREABOUTS_IP_POOLS } from '#api';
import { parseIp } from '#ip';
import { indexPods } from './find-pod.ts';
import type { ForeignRecord } from './foreign-record.ts';

interface PodSpec {
  readonly ips?: readonly string[];
  readonly phase?: string;
  readonly status?: string;
}

function pod(name: string, { ips, phase = 'Running', status }: PodSpec = {}): Pod {
  const text = status ?? (ips === undefined ? undefined : JSON.stringify([{ name: 'lan', interface: 'net1', ips }]));
  return {
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-of-${name}`,
      ...(text === undefined ? {} : { annotations: { 'k8s.v1.cni.cncf.io/network-status': text } }),
    },
    spec: { nodeName: 'n1' },
    status: { phase },
  };
}

function record(address: string, of: ForeignRecord['pod']): ForeignRecord {
  const seen = { uid: undefined, resourceVersion: undefined };
  const object = { resource: WHEREABOUTS_IP_POOLS, name: { name: 'p' }, seen, takeOver: undefined };
  return { ip: parseIp(address), object, pod: of, interface: undefined };
}

const A = { namespace: 'default', name: 'a' };

test('list() knows a pod by name, and by uid and address where they are said', () => {
  const find = (pods: readonly Pod[], address: string, of: ForeignRecord['pod']): string =>
    indexPods(pods)
      .list(record(address, of))
      .map(({ metadata }) => metadata.name)
      .join();
  const cases: readonly (readonly [string, readonly Pod[], string, ForeignRecord['pod'], string])[] = [
    ['by name alone', [pod('a')], '10.0.0.5', A, 'a'],
    ['with its address', [pod('a', { ips: ['10.0.0.5'] })], '10.0.0.5', A, 'a'],
    ['written in another way', [pod('a', { ips: ['fd00:0::5/64'] })], 'fd00::5', A, 'a'],
    ['with another address', [pod('a', { ips: ['10.0.0.6'] })], '10.0.0.5', A, ''],
    ['of the uid', [pod('a')], '10.0.0.5', { ...A, uid: 'uid-of-a' }, 'a'],
    ['of another uid', [pod('a')], '10.0.0.5', { ...A, uid: 'former' }, ''],
    ['finished', [pod('a', { phase: 'Succeeded' })], '10.0.0.5', A, ''],
    ['gone', [], '10.0.0.5', A, ''],
    ['whose status nobody can read', [pod('a', { status: '{' })], '10.0.0.5', A, 'a'],
    ['unnamed, by address', [pod('b', { ips: ['10.0.0.5'] })], '10.0.0.5', undefined, 'b'],
    ['a machine, by address', [pod('launcher', { ips: ['10.0.0.5'] })], '10.0.0.5', A, 'launcher'],
    [
      'unnamed, of two that say they have it',
      [pod('b', { ips: ['10.0.0.5'] }), pod('c', { ips: ['10.0.0.5'] })],
      '10.0.0.5',
      undefined,
      'b,c',
    ],
  ];
  for (const [name, pods, address, of, expected] of cases) assert.equal(find(pods, address, of), expected, name);
});

test('whyNone() says what is wrong with a record that is of no pod', () => {
  const index = indexPods([pod('a', { ips: ['10.0.0.6'] })]);
  assert.equal(index.whyNone(record('10.0.0.5', undefined)), 'no pod has it');
  assert.equal(index.whyNone(record('10.0.0.5', { ...A, name: 'b' })), 'no pod "default/b" runs');
  assert.equal(index.whyNone(record('10.0.0.5', A)), 'pod "default/a" does not have it, by its network-status');
  assert.equal(
    index.whyNone(record('10.0.0.5', { ...A, uid: 'former' })),
    'it was a former pod\'s, "default/a" is another one by now',
  );
});
