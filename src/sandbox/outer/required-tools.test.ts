import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireTools, systemPath } from './required-tools.ts';

test('requireTools() names the Debian packages of everything that is missing in one line', () => {
  assert.throws(() => requireTools('/nonexistent'), {
    code: 'TOOL_MISSING',
    message:
      'Cannot find "unshare", "setpriv", "nsenter", "mount", "ip", "nft": install with `apt-get install iproute2 mount nftables util-linux`',
  });
});

test('systemPath() appends the system folders once', () => {
  assert.equal(systemPath('/opt/x:/usr/bin'), '/opt/x:/usr/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin:/bin');
  assert.equal(systemPath(undefined), '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin');
});
