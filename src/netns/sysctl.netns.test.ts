import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createNamespace, deleteNamespace, readSysctl, writeSysctl } from './mod.ts';
import { namespacePath, skipUnlessRing2 } from './testing.ts';

const options = skipUnlessRing2();
const KEY = 'net/ipv4/conf/lo/rp_filter';

describe('writeSysctl()', options, () => {
  test('changes the given namespace only', () => {
    const path = namespacePath('sysctl');
    using ns = createNamespace(path);
    const own = readFileSync(`/proc/sys/${KEY}`, 'utf8');
    const wanted = own.trim() === '2' ? '1' : '2';
    writeSysctl(ns, KEY, wanted);
    const witness = execFileSync('ip', ['netns', 'exec', path.split('/').at(-1) ?? '', 'cat', `/proc/sys/${KEY}`], {
      encoding: 'utf8',
    });
    assert.equal(witness, `${wanted}\n`);
    assert.equal(readSysctl(ns, KEY), wanted);
    assert.equal(readFileSync(`/proc/sys/${KEY}`, 'utf8'), own);
    deleteNamespace(path);
  });

  test('works in the own namespace without ns', () => {
    writeSysctl(undefined, 'net/ipv4/conf/lo/arp_notify', '1');
    assert.equal(readFileSync('/proc/sys/net/ipv4/conf/lo/arp_notify', 'utf8'), '1\n');
  });

  test('names key and value when the kernel has no such key or refuses the value', () => {
    assert.throws(() => writeSysctl(undefined, 'net/ipv4/conf/none/rp_filter', '1'), {
      code: 'ENOENT',
      message: 'Cannot set sysctl "net/ipv4/conf/none/rp_filter" to "1": ENOENT',
    });
    assert.throws(() => writeSysctl(undefined, KEY, 'many'), { code: 'EINVAL' });
  });
});

describe('readSysctl()', options, () => {
  test('returns undefined for a link that is not there', () => {
    assert.equal(readSysctl(undefined, 'net/ipv4/conf/none/rp_filter'), undefined);
  });
});
