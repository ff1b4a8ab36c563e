import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { DevicesError } from './errors.ts';
import { findPodDevices } from './pod-resources-message.ts';
import { encodeFields, encodePodResources, type PodResources, type WireField } from './testing.ts';

const pod: PodResources = {
  name: 'p',
  namespace: 'default',
  containers: [
    { name: 'a', devices: [{ resource: 'intel.com/sriov', ids: ['0000:03:02.7'] }] },
    {
      name: 'b',
      devices: [
        { resource: 'intel.com/sriov', ids: ['0000:03:02.1'] },
        { resource: 'example.com/gpu', ids: ['gpu0'] },
        { resource: 'intel.com/sriov', ids: ['0000:03:02.0'] },
        // Near two NUMA nodes: told of twice.
        { resource: 'intel.com/sriov', ids: ['0000:03:02.1'] },
      ],
    },
  ],
};
const other: PodResources = { ...pod, namespace: 'other', containers: [] };

const anyPod: fc.Arbitrary<PodResources> = fc.record({
  name: fc.string({ unit: 'grapheme' }),
  namespace: fc.string({ unit: 'grapheme' }),
  containers: fc.array(
    fc.record({
      name: fc.string(),
      devices: fc.array(fc.record({ resource: fc.string(), ids: fc.array(fc.string({ maxLength: 300 })) })),
    }),
    { maxLength: 4 },
  ),
});

const anyField: fc.Arbitrary<WireField> = fc.oneof(
  fc.record({ number: fc.integer({ min: 10, max: 2 ** 29 - 1 }), bytes: fc.uint8Array() }),
  fc.record({ number: fc.integer({ min: 10, max: 2 ** 29 - 1 }), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
);

describe('findPodDevices()', () => {
  it("gives the pod's containers in kubelet's order, each one's devices sorted and once", () => {
    assert.deepEqual(findPodDevices(encodePodResources([other, pod]), pod), [
      new Map([['intel.com/sriov', ['0000:03:02.7']]]),
      new Map([
        ['intel.com/sriov', ['0000:03:02.0', '0000:03:02.1']],
        ['example.com/gpu', ['gpu0']],
      ]),
    ]);
  });
  it('tells a pod without devices from one that kubelet does not know', () => {
    const answer = encodePodResources([other]);
    assert.deepEqual(findPodDevices(answer, other), []);
    assert.equal(findPodDevices(answer, pod), undefined);
    assert.equal(findPodDevices(new Uint8Array(), pod), undefined);
  });
  it('reads back every device that was written, whatever else an answer holds', () => {
    fc.assert(
      fc.property(anyPod, fc.array(anyField), (wanted, more) => {
        const found = findPodDevices(Buffer.concat([encodeFields(more), encodePodResources([wanted])]), wanted);
        const expected = wanted.containers.map(({ devices }) =>
          devices.flatMap(({ resource, ids }) => ids.map(id => `${resource}=${id}`)),
        );
        const actual = found?.map(container =>
          [...container].flatMap(([resource, ids]) => ids.map(id => `${resource}=${id}`)),
        );
        assert.deepEqual(
          actual?.map(list => list.toSorted()),
          expected.map(list => [...new Set(list)].sort()),
        );
      }),
    );
  });
  it('refuses what is no such answer, and nothing but that', () => {
    const whole = encodePodResources([pod]);
    const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length)).map(([at, byte, end]) =>
      Buffer.from(whole)
        .fill(byte, at, at + 1)
        .subarray(0, end),
    );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), bytes => {
        try {
          findPodDevices(bytes, pod);
        } catch (error) {
          assert.ok(error instanceof DevicesError && error.code === 'DEVICES_FORMAT', String(error));
        }
      }),
      { numRuns: 5000 },
    );
  });
  for (const [bytes, why] of [
    [[0x0a], /a number is cut off/],
    [[0x0a, 0x05, 0x00], /4 bytes are missing|a length of 5/],
    [[0x0b], /wire type 3/],
    [[0x09, 0x00], /bytes are missing/],
    [[0x08, ...Array.from({ length: 11 }, () => 0xff)], /more than 64 bits/],
    [[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], /a length of/],
    [[0x0a, 0x04, 0x0a, 0x02, 0xc3, 0x28], /not UTF-8/],
  ] as const) {
    it(`says what is wrong with ${Buffer.from(bytes).toString('hex')}`, () => {
      assert.throws(() => findPodDevices(Uint8Array.from(bytes), pod), { code: 'DEVICES_FORMAT', message: why });
    });
  }
});
