import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { skipUnlessRing2 } from '../../src/netns/testing.ts';
import { ip, startTestNode } from '../agent/test-node.ts';
import { programsOf } from '../conformance/program.ts';

const { skip } = skipUnlessRing2();

const config = {
  cniVersion: '1.0.0',
  name: 'tentative',
  type: 'bridge',
  bridge: 'ulten0',
  isGateway: true,
  ipam: { type: 'host-local', ranges: [[{ subnet: 'fd00:8::/64' }]] },
};

test('a gateway address that the kernel is still probing is taken as it is, and left to its owner', {
  skip,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-tentative-'));
  // Without a port it has no carrier: the kernel cannot even begin to probe.
  ip('link add ulten0 type bridge');
  ip('link set ulten0 up');
  ip('address add fd00:8::1/64 dev ulten0');
  const node = await startTestNode({ dir: join(dir, 'n1'), name: 'ten' });
  try {
    const shown = () => ip('-6 address show dev ulten0 scope global');
    assert.match(shown(), /fd00:8::1\/64 scope global tentative/);
    const call = async (command: string, containerId: string, CNI_NETNS?: string) => {
      const env = { CNI_COMMAND: command, CNI_CONTAINERID: containerId, CNI_IFNAME: 'eth0', CNI_NETNS };
      const { exitCode, stdout } = await programsOf(node).run('bridge', env, config);
      assert.equal(exitCode, 0, stdout);
    };
    for (const id of ['a', 'b']) {
      const netns = node.makeNetns(id);
      await call('ADD', id, netns);
      await call('CHECK', id, netns);
    }
    for (const id of ['a', 'b']) await call('DEL', id);
    assert.match(shown(), /fd00:8::1\/64/);
  } finally {
    await node[Symbol.asyncDispose]();
    ip('link delete ulten0');
    rmSync(dir, { recursive: true, force: true });
  }
});
