import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { readKernelCapabilities } from './mod.ts';

const options = skipUnlessRing2();

test('readKernelCapabilities() agrees with ip, nft and uname, and makes nothing', options, () => {
  const before = snapshot();
  const { release, linkKinds, nftFamilies, ipv6, namespaces } = readKernelCapabilities();
  assert.equal(snapshot(), before);
  assert.equal(release, execFileSync('uname', ['-r'], { encoding: 'utf8' }).trim());
  for (const kind of ['bridge', 'dummy', 'veth'] as const) {
    assert.equal(linkKinds[kind], succeeds(['ip', 'link', 'add', 'capx', 'type', kind]), kind);
    spawnSync('ip', ['link', 'del', 'capx']);
  }
  for (const [family, isThere] of Object.entries(nftFamilies)) {
    assert.equal(isThere, succeeds(['nft', 'add', 'table', family, 'capx']), family);
    spawnSync('nft', ['delete', 'table', family, 'capx']);
  }
  assert.equal(ipv6, succeeds(['ip', '-6', 'address', 'add', '2001:db8::1/128', 'dev', 'lo']));
  assert.deepEqual({ ...namespaces, user: undefined }, { net: true, mnt: true, pid: true, user: undefined });
});

function snapshot(): string {
  const { stdout } = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  return execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' }) + stdout;
}

function succeeds([command = '', ...args]: readonly string[]): boolean {
  return spawnSync(command, args).status === 0;
}
