import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSysctl, writeSysctl } from './mod.ts';

for (const path of [
  'kernel/hostname',
  'net',
  'net/',
  'net/../kernel/hostname',
  '/net/ipv4/ip_forward',
  'net//x',
  'net/./x',
  'net/x\0',
  '',
]) {
  test(`readSysctl() and writeSysctl() refuse ${JSON.stringify(path)}`, () => {
    assert.throws(() => readSysctl(undefined, path), { code: 'BAD_SYSCTL_PATH' });
    assert.throws(() => writeSysctl(undefined, path, '1'), { code: 'BAD_SYSCTL_PATH' });
  });
}

test('readSysctl() reads the own namespace without any privilege', () => {
  assert.match(readSysctl(undefined, 'net/ipv4/ip_forward') ?? '', /^[01]$/);
});
