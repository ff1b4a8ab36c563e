import assert from 'node:assert/strict';
import { readdirSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createNamespace, deleteNamespace } from '#netns';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { openHandles } from './handles.ts';

describe('openHandles()', skipUnlessRing2(), () => {
  test('has no pod when the path is undefined, leads nowhere, to a plain file or to the host itself', () => {
    const file = `/run/netns/handles-file-${process.pid}`;
    writeFileSync(file, '');
    for (const podNetns of [
      undefined,
      '/run/netns/none',
      file,
      `${file}/x`,
      '/proc/self/ns/net',
      '/proc/4194305/ns/net',
    ]) {
      using handles = openHandles({ podNetns });
      assert.equal(handles.pod, undefined, podNetns);
      assert.ok(handles.host.socket.fd > 0);
    }
  });

  test('closes what it opened, and leaves the host namespace of the caller open', () => {
    const path = `/run/netns/handles-${process.pid}`;
    using hostNs = createNamespace(`${path}-host`);
    createNamespace(path)[Symbol.dispose]();
    const open = (): number => readdirSync('/proc/self/fd').length;
    const before = open();
    for (let round = 0; round < 50; round++) {
      using handles = openHandles({ hostNs, podNetns: path });
      assert.notEqual(handles.pod?.ns.inode, hostNs.inode);
      assert.ok(open() > before);
    }
    assert.equal(open(), before);
    for (const each of [path, `${path}-host`]) deleteNamespace(each);
  });
});
