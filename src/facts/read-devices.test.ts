import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { setEachFolder } from '../base/testing.ts';
import { readDevices } from './read-devices.ts';

suite('readDevices()', () => {
  let sysfs = '';
  let devices = '';
  setEachFolder(path => {
    sysfs = path;
    devices = join(sysfs, 'bus/pci/devices');
    mkdirSync(devices, { recursive: true });
    // As in sysfs: the bus has links to where the devices are.
    for (const id of ['0000:03:00.0', '0000:03:02.0', '0000:03:02.1']) {
      mkdirSync(join(sysfs, 'devices/pci0000:00', id), { recursive: true });
      symlinkSync(`../../../devices/pci0000:00/${id}`, join(devices, id));
    }
    mkdirSync(join(devices, '0000:03:00.0/net/ens1'), { recursive: true });
    mkdirSync(join(devices, '0000:03:02.1/net/ens1v1'), { recursive: true });
    for (const number of [0, 1]) {
      symlinkSync('../0000:03:00.0', join(devices, `0000:03:02.${number}/physfn`));
      symlinkSync(`../0000:03:02.${number}`, join(devices, `0000:03:00.0/virtfn${number}`));
    }
    symlinkSync('../../../bus/pci/drivers/iavf', join(devices, '0000:03:02.1/driver'));
  });

  test('tells driver, interfaces, and which virtual function of what a device is', () => {
    assert.deepEqual(readDevices(['0000:03:02.1', '0000:03:02.0', '0000:03:00.0'], sysfs), [
      {
        id: '0000:03:02.1',
        driver: 'iavf',
        links: ['ens1v1'],
        vf: { number: 1, pf: '0000:03:00.0', pfLinks: ['ens1'] },
      },
      { id: '0000:03:02.0', links: [], vf: { number: 0, pf: '0000:03:00.0', pfLinks: ['ens1'] } },
      { id: '0000:03:00.0', links: ['ens1'] },
    ]);
  });
  test('leaves out devices that are not there, also where there is no bus at all', () => {
    assert.deepEqual(readDevices(['0000:ff:00.0'], sysfs), []);
    assert.deepEqual(readDevices(['0000:ff:00.0'], join(sysfs, 'none')), []);
  });
});
