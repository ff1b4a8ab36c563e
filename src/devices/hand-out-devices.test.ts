import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { handOutDevices } from './hand-out-devices.ts';

const A = 'intel.com/a';
const B = 'intel.com/b';
const pod = [
  new Map([[A, ['9', '5']]]),
  new Map([
    [A, ['1']],
    [B, ['1']],
  ]),
];
const ask = (resource: string, deviceId?: string) => ({
  source: `NetworkAttachmentDefinition "default/${resource.at(-1)}"`,
  resource,
  ...(deviceId === undefined ? {} : { deviceId }),
});

describe('handOutDevices()', () => {
  it('gives one device for each request, in the order of the containers', () => {
    assert.deepEqual(handOutDevices([ask(A), ask(B), ask(A), ask(A)], pod), ['9', '1', '5', '1']);
  });
  it('gives a device that is asked for by ID to nobody else', () => {
    assert.deepEqual(handOutDevices([ask(A), ask(A, '9'), ask(A)], pod), ['5', '9', '1']);
  });
  it('says how many were asked for and how many there are', () => {
    assert.throws(() => handOutDevices([ask(B), ask(B)], pod), {
      code: 'DEVICES_EXHAUSTED',
      message:
        'Cannot use NetworkAttachmentDefinition "default/b": the pod\'s networks need 2 of resource "intel.com/b", but it has 1 (1), expected as many in its containers\' resources',
      details: { resource: B, asked: 2, available: 1 },
    });
    assert.throws(() => handOutDevices([ask('intel.com/c')], pod), {
      message: /it has none of "intel\.com\/c", expected as many .* \(devices of ResourceClaims are not read\)/,
    });
  });
  it('refuses a device that the pod was not given, or gives to two networks', () => {
    assert.throws(() => handOutDevices([ask(B, '9')], pod), {
      code: 'DEVICE_NOT_GIVEN',
      message: /the pod has 1 \(1\)/,
    });
    assert.throws(() => handOutDevices([ask(A, '9'), ask(A, '9')], pod), {
      code: 'DEVICE_NOT_GIVEN',
      message: /another of its networks asks for it/,
    });
  });
});
