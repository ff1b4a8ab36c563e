import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { test } from 'node:test';
import { SysError } from './errors.ts';
import { umountSync } from './mount.ts';
import { CLONE_NEWNET, setnsSync } from './namespace.ts';
import { setsockoptSync, socketSync } from './socket.ts';

const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC = 0x80001;

test('socketSync() returns a descriptor that setsockoptSync() accepts', () => {
  const fd = socketSync(AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
  try {
    setsockoptSync(fd, 1, 8, 65_536);
  } finally {
    closeSync(fd);
  }
});

test('setsockoptSync() reports an unknown option as SysError with the errno name', () => {
  const fd = socketSync(AF_UNIX, SOCK_STREAM_CLOEXEC, 0);
  try {
    assert.throws(
      () => setsockoptSync(fd, 1, 9_999, 1),
      (error: unknown) => error instanceof SysError && error.code === 'ENOPROTOOPT' && error.syscall === 'setsockopt',
    );
  } finally {
    closeSync(fd);
  }
});

test('setnsSync() on a bad descriptor names the call, the descriptor and the errno', () => {
  assert.throws(() => setnsSync(-1, CLONE_NEWNET), {
    code: 'EBADF',
    message: 'Cannot call setns on descriptor -1: EBADF',
  });
});

test('umountSync() of a missing path is ENOENT or EPERM and names the path', () => {
  assert.throws(() => umountSync('/nonexistent/x', 0), /Cannot call umount2 on "\/nonexistent\/x": (ENOENT|EPERM)/);
});
