import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { setEachFolder } from '../base/testing.ts';
import { parseDeviceInfo } from './device-info.ts';
import {
  copyDeviceInfo,
  deviceInfoOfAttachment,
  deviceInfoOfPlugin,
  readDeviceInfo,
  removeDeviceInfo,
} from './device-info-files.ts';
import { DevicesError } from './errors.ts';

describe('parseDeviceInfo()', () => {
  for (const info of [
    { type: 'pci', version: '1.1.0', pci: { 'pci-address': '0000:03:02.1', 'vhost-net': '/dev/vhost-net' } },
    { type: 'vdpa', version: '1.1.0', vdpa: { 'parent-device': 'vdpa1', driver: 'vhost', path: '/dev/vhost-vdpa-1' } },
    { type: 'vhost-user', version: '1.0.0', 'vhost-user': { mode: 'client', path: '/run/s' } },
    { type: 'memif', version: '1.0.0', memif: { role: 'master', path: '/run/m', mode: 'ethernet' } },
  ]) {
    it(`reads a device of type ${info.type}`, () => {
      assert.equal(JSON.stringify(parseDeviceInfo(JSON.stringify(info), 'x')), JSON.stringify(info));
    });
  }
  it('puts members into their order and leaves out those that nobody knows', () => {
    const text = '{"pci":{"zz":1,"rdma-device":"mlx5_0","pci-address":"a"},"version":"1.1.0","type":"pci","memif":{}}';
    assert.equal(
      JSON.stringify(parseDeviceInfo(text, 'x')),
      '{"type":"pci","version":"1.1.0","pci":{"pci-address":"a","rdma-device":"mlx5_0"}}',
    );
  });
  for (const [text, why] of [
    ['', /it is not JSON/],
    ['[]', /content is \[\], expected an object/],
    ['{"type":"usb"}', /type is "usb", expected one of pci, vdpa, vhost-user, memif/],
    ['{"type":"pci"}', /version is missing, expected text/],
    ['{"type":"pci","version":"1.1.0","pci":[]}', /pci is \[\], expected an object/],
    [
      '{"type":"memif","version":"1.1.0","memif":{"role":"king"}}',
      /memif\.role is "king", expected one of master, slave/,
    ],
  ] as const) {
    it(`says what is wrong with ${text}`, () => {
      assert.throws(() => parseDeviceInfo(text, 'file "f"'), { code: 'DEVICE_INFO', message: why });
    });
  }
  it('throws nothing but its own error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        try {
          parseDeviceInfo(text, 'x');
        } catch (error) {
          assert.ok(error instanceof DevicesError);
        }
      }),
    );
  });
});

describe('device-info files', () => {
  const info = { type: 'pci', version: '1.1.0', pci: { 'pci-address': '0000:03:02.1' } };
  let dir: string;
  let from: string;
  let to: string;
  setEachFolder(path => {
    dir = path;
    from = deviceInfoOfPlugin(dir, 'intel.com/sriov', '0000:03:02.1');
    to = deviceInfoOfAttachment(dir, 'default/sriov', 'c1', 'net1');
    mkdirSync(join(dir, 'dp'));
  });

  it('have the names of the specification', () => {
    assert.equal(from, join(dir, 'dp/intel.com-sriov-0000:03:02.1-device.json'));
    assert.equal(to, join(dir, 'cni/default-sriov-c1_net1'));
    assert.ok(deviceInfoOfAttachment('', 'n'.repeat(300), 'c', 'net1').length < 255);
  });
  it('are copied for the plugins, in the place of what a former attachment left', () => {
    writeFileSync(from, JSON.stringify(info));
    copyDeviceInfo(from, to);
    copyDeviceInfo(from, to);
    assert.deepEqual(JSON.parse(readFileSync(to, 'utf8')), info);
    assert.equal(statSync(to).mode & 0o777, 0o444);
    assert.deepEqual(readDeviceInfo(to), info);
    removeDeviceInfo(to);
    removeDeviceInfo(to);
    assert.equal(readDeviceInfo(to), undefined);
  });
  it('may be missing', () => {
    copyDeviceInfo(from, to);
    assert.equal(readDeviceInfo(to), undefined);
  });
  it('are refused when they are none', () => {
    for (const text of ['{', 'x'.repeat(100_000)]) {
      writeFileSync(from, text);
      assert.throws(() => copyDeviceInfo(from, to), { code: 'DEVICE_INFO' });
      assert.throws(() => readDeviceInfo(from), { code: 'DEVICE_INFO' });
    }
    rmSync(from);
    mkdirSync(from);
    assert.throws(() => readDeviceInfo(from), { code: 'DEVICE_INFO', message: /it is no plain file/ });
    chmodSync(from, 0o700);
    assert.throws(() => removeDeviceInfo(from), { code: 'DEVICE_INFO' });
  });
});
