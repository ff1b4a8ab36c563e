import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { hasLinkKind, openRouteSocket } from './mod.ts';

test('hasLinkKind() agrees with ip about macvlan, ipvlan and vlan, and makes nothing', skipUnlessRing2(), () => {
  using socket = openRouteSocket();
  const links = () => execFileSync('ip', ['-j', 'link'], { encoding: 'utf8' });
  const before = links();
  execFileSync('ip', ['link', 'add', 'kindp', 'type', 'bridge']);
  try {
    for (const kind of ['macvlan', 'ipvlan', 'vlan'] as const) {
      let isThere = true;
      try {
        execFileSync(
          'ip',
          ['link', 'add', 'kindx', 'link', 'kindp', 'type', kind, ...(kind === 'vlan' ? ['id', '5'] : [])],
          { stdio: 'pipe' },
        );
        execFileSync('ip', ['link', 'del', 'kindx']);
      } catch (error) {
        assert.match(String(error), /Unknown device type|not supported/);
        isThere = false;
      }
      assert.equal(hasLinkKind(socket, kind), isThere, kind);
    }
  } finally {
    execFileSync('ip', ['link', 'del', 'kindp']);
  }
  assert.equal(links(), before);
});
