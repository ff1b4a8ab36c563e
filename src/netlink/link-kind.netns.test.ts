import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { hasLinkKind, isLinkKindName, openRouteSocket, readLinkKinds } from './mod.ts';

const options = skipUnlessRing2();
const links = () => execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' });

test('hasLinkKind() agrees with ip about macvlan, ipvlan and vlan, and makes nothing', options, () => {
  using socket = openRouteSocket();
  const before = links();
  execFileSync('ip', ['link', 'add', 'kindp', 'type', 'bridge']);
  try {
    for (const kind of ['macvlan', 'ipvlan', 'vlan'] as const) {
      const upon = ['link', 'kindp', 'type', kind, ...(kind === 'vlan' ? ['id', '5'] : [])];
      assert.equal(hasLinkKind(socket, kind), canMake(upon), kind);
    }
  } finally {
    execFileSync('ip', ['link', 'del', 'kindp']);
  }
  assert.equal(links(), before);
});

test('readLinkKinds() agrees with ip about every kind, and makes nothing', options, () => {
  using socket = openRouteSocket();
  const before = links();
  const table = readLinkKinds(socket);
  assert.equal(links(), before);
  const extra = { vrf: ['table', '10'], vxlan: ['id', '5', 'dstport', '4789'] };
  for (const kind of ['bond', 'bridge', 'dummy', 'veth', 'vrf', 'vxlan'] as const) {
    const data = kind === 'vrf' || kind === 'vxlan' ? extra[kind] : [];
    assert.equal(table[kind], canMake(['type', kind, ...data]), kind);
  }
  assert.ok(isLinkKindName('ipvlan') && !isLinkKindName('nosuchkind') && !isLinkKindName('__proto__'));
});

function canMake(terms: readonly string[]): boolean {
  try {
    execFileSync('ip', ['link', 'add', 'kindx', ...terms], { stdio: 'pipe' });
    execFileSync('ip', ['link', 'del', 'kindx']);
    return true;
  } catch (error) {
    assert.match(String(error), /Unknown device type|not supported/);
    return false;
  }
}
