import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createNamespace, deleteNamespace, openNamespace, openOwnNamespace } from './mod.ts';
import { namespacePath, skipUnlessRing2 } from './testing.ts';

const options = skipUnlessRing2();

describe('createNamespace()', options, () => {
  test('makes a namespace that ip can use, with only lo in it, and stays outside itself', () => {
    const path = namespacePath('create');
    const before = statSync('/proc/thread-self/ns/net').ino;
    using ns = createNamespace(path);
    assert.equal(statSync('/proc/thread-self/ns/net').ino, before);
    assert.equal(statSync(path).ino, ns.inode);
    const links = JSON.parse(
      execFileSync('ip', ['-n', path.split('/').at(-1) ?? '', '-j', 'link'], { encoding: 'utf8' }),
    ) as { ifname: string }[];
    assert.deepEqual(
      links.map(link => link.ifname),
      ['lo'],
    );
    deleteNamespace(path);
    assert.equal(existsSync(path), false);
  });

  test('refuses a path that is taken and leaves what is there', () => {
    const path = namespacePath('taken');
    using ns = createNamespace(path);
    assert.throws(() => createNamespace(path), {
      code: 'EEXIST',
      message: `Cannot create network namespace "${path}": EEXIST`,
    });
    assert.equal(statSync(path).ino, ns.inode);
    deleteNamespace(path);
  });
});

describe('deleteNamespace()', options, () => {
  test('is content when there is nothing, or a pin without its mount', () => {
    const path = namespacePath('half');
    deleteNamespace(path);
    writeFileSync(path, '');
    deleteNamespace(path);
    assert.equal(existsSync(path), false);
  });
});

describe('openNamespace()', options, () => {
  test('names the path and the errno when nothing is there', () => {
    assert.throws(() => openNamespace('/run/netns/none'), {
      code: 'ENOENT',
      message: 'Cannot open network namespace "/run/netns/none": ENOENT',
    });
  });

  test('refuses a plain file, without leaking its descriptor', () => {
    const path = namespacePath('file');
    writeFileSync(path, '');
    const before = readdirSync('/proc/self/fd').length;
    assert.throws(() => openNamespace(path), { code: 'NOT_A_NAMESPACE' });
    assert.equal(readdirSync('/proc/self/fd').length, before);
    deleteNamespace(path);
  });

  test('may be disposed twice without closing a stranger', () => {
    const ns = openOwnNamespace();
    ns[Symbol.dispose]();
    using other = openOwnNamespace();
    assert.equal(other.fd, ns.fd);
    ns[Symbol.dispose]();
    assert.ok(existsSync(`/proc/self/fd/${other.fd}`));
  });
});
