import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import { whyNoIpvlan } from './ipvlan.ts';

test('whyNoIpvlan() says what the kernel says, and leaves no link behind', skipUnlessRing2(), async () => {
  const ip = (...args: readonly string[]): number | null => spawnSync('ip', args, { stdio: 'ignore' }).status;
  assert.equal(ip('link', 'add', 'master0', 'type', 'bridge'), 0);
  const canIpvlan = ip('link', 'add', 'link', 'master0', 'name', 'witness', 'type', 'ipvlan') === 0;
  ip('link', 'del', 'witness');

  assert.equal(await whyNoIpvlan('master0'), canIpvlan ? undefined : 'kernel lacks ipvlan');
  assert.notEqual(ip('link', 'show', 'ipvlan-probe'), 0);
});
