import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { describe, test } from 'node:test';
import { createNamespace, deleteNamespace, openNamespace, runSync } from './mod.ts';
import { namespacePath, skipUnlessRing2 } from './testing.ts';

const options = skipUnlessRing2();
const ownInode = (): number => statSync('/proc/thread-self/ns/net').ino;

describe('runSync()', options, () => {
  test('runs inside, returns the result and comes back', () => {
    const path = namespacePath('run-sync');
    using ns = createNamespace(path);
    const before = ownInode();
    assert.notEqual(before, ns.inode);
    assert.equal(
      runSync(ns, () => ownInode()),
      ns.inode,
    );
    assert.equal(ownInode(), before);
    deleteNamespace(path);
  });

  test('nests: each level comes back to the one above', () => {
    const paths = [namespacePath('nest-a'), namespacePath('nest-b')] as const;
    using a = createNamespace(paths[0]);
    using b = createNamespace(paths[1]);
    const seen = runSync(a, () => [runSync(b, () => ownInode()), ownInode()]);
    assert.deepEqual(seen, [b.inode, a.inode]);
    for (const path of paths) deleteNamespace(path);
  });

  test('comes back and rethrows when fn throws', () => {
    const path = namespacePath('throws');
    using ns = createNamespace(path);
    const before = ownInode();
    const failure = new Error('inside');
    assert.throws(
      () =>
        runSync(ns, () => {
          throw failure;
        }),
      failure,
    );
    assert.equal(ownInode(), before);
    deleteNamespace(path);
  });

  test('rejects a promise, after having come back', () => {
    const path = namespacePath('async');
    using ns = createNamespace(path);
    const before = ownInode();
    assert.throws(() => runSync(ns, () => Promise.resolve(1)), { code: 'ASYNC_IN_NAMESPACE' });
    assert.equal(ownInode(), before);
    deleteNamespace(path);
  });

  test('refuses a namespace of another type', () => {
    using uts = openNamespace('/proc/self/ns/uts');
    const before = ownInode();
    assert.throws(() => runSync(uts, () => 1), { code: 'EINVAL' });
    assert.equal(ownInode(), before);
  });

  test('leaves no thread of the pool in the namespace, even when it is the first thing a process does', () => {
    const path = namespacePath('pool');
    createNamespace(path)[Symbol.dispose]();
    const program = `
      import { openNamespace, runSync } from ${JSON.stringify(new URL('./mod.ts', import.meta.url).href)};
      import { readdirSync, statSync, stat } from 'node:fs';
      using ns = openNamespace(${JSON.stringify(path)});
      runSync(ns, () => stat('/', () => {}));
      const threads = readdirSync('/proc/self/task');
      const inside = threads.filter(id => statSync('/proc/self/task/' + id + '/ns/net').ino === ns.inode);
      console.log(JSON.stringify({ threads: threads.length, inside: inside.length }));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    const { threads, inside } = JSON.parse(output) as { threads: number; inside: number };
    // Main thread, V8's workers and the pool's four at least.
    assert.ok(threads > 5, output);
    assert.equal(inside, 0);
    deleteNamespace(path);
  });

  test('ends the process when it cannot come back', () => {
    const path = namespacePath('stuck');
    createNamespace(path)[Symbol.dispose]();
    const program = `
      import { openNamespace, runSync } from ${JSON.stringify(new URL('./mod.ts', import.meta.url).href)};
      import { closeSync, fstatSync, readdirSync, statSync } from 'node:fs';
      using ns = openNamespace(${JSON.stringify(path)});
      const own = statSync('/proc/thread-self/ns/net').ino;
      runSync(ns, () => {
        // Closes the descriptor that leads home.
        for (const name of readdirSync('/proc/self/fd')) {
          try { if (fstatSync(Number(name)).ino === own) closeSync(Number(name)); } catch {}
        }
      });
      console.log('went on');`;
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
    assert.equal(child.status, 71);
    assert.equal(child.stdout, '');
    assert.match(child.stderr, /^underlane: cannot come back to the own network namespace, ending: .*EBADF\n$/);
    deleteNamespace(path);
  });

  test('leaks no descriptor in 200 rounds', () => {
    const path = namespacePath('leak');
    using ns = createNamespace(path);
    const before = readdirSync('/proc/self/fd').length;
    for (let round = 0; round < 200; round++) runSync(ns, () => readlinkSync('/proc/thread-self/ns/net'));
    assert.equal(readdirSync('/proc/self/fd').length, before);
    deleteNamespace(path);
  });
});
