import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { createLink, createVeth } from './create-link.ts';
import { deleteLink, findLink, listLinks } from './link.ts';
import { openRouteSocket } from './route-socket.ts';
import { withNamespaces } from './testing.ts';

const options = skipUnlessRing2();

describe('openRouteSocket()', options, () => {
  test('stays in its namespace after the namespace was disposed', () =>
    withNamespaces((here, there) => {
      there.ip('link add only-there type bridge');
      using socket = openRouteSocket(there.ns);
      there.ns[Symbol.dispose]();
      assert.ok(findLink(socket, 'only-there') !== undefined);
      assert.equal(findLink(here.socket, 'only-there'), undefined);
    }));

  test('leaks no descriptor in 200 sockets', () =>
    withNamespaces(here => {
      const before = readdirSync('/proc/self/fd').length;
      for (let round = 0; round < 200; round++) {
        using socket = openRouteSocket(here.ns);
        listLinks(socket);
      }
      assert.equal(readdirSync('/proc/self/fd').length, before);
    }));

  test('answers nothing once it is disposed, and may be disposed twice', () =>
    withNamespaces(async here => {
      const socket = openRouteSocket(here.ns);
      socket[Symbol.dispose]();
      socket[Symbol.dispose]();
      const closed = { code: 'EBADF', message: 'Cannot list links: EBADF (the socket is closed)' };
      assert.throws(() => listLinks(socket), closed);
      await assert.rejects(async () => deleteLink(socket, 1), { code: 'EBADF' });
    }));

  test('goes on after an error', () =>
    withNamespaces(here => {
      for (let round = 0; round < 3; round++) {
        assert.throws(() => createLink(here.socket, { name: 'lo', data: { kind: 'bridge' } }), { code: 'EEXIST' });
        assert.deepEqual(
          listLinks(here.socket).map(link => link.name),
          ['lo'],
        );
      }
    }));
});

describe('requestAsync()', options, () => {
  test('keeps answers apart from those of other requests on the same socket meanwhile', () =>
    withNamespaces(async here => {
      const ifindexes = Array.from({ length: 8 }, (_, index) => {
        here.ip(`link add a${index} type veth peer name b${index}`);
        return findLink(here.socket, `a${index}`)?.ifindex ?? 0;
      });
      let isDone = false;
      // One that fails among those that succeed.
      const outcomes = Promise.allSettled(
        [...ifindexes, 4711].map(ifindex => deleteLink(here.socket, ifindex)),
      ).finally(() => {
        isDone = true;
      });
      while (!isDone) {
        assert.equal(findLink(here.socket, 'lo')?.name, 'lo');
        assert.ok(listLinks(here.socket).some(link => link.name === 'lo'));
        assert.throws(() => createLink(here.socket, { name: 'lo', data: { kind: 'bridge' } }), { code: 'EEXIST' });
        await new Promise(resolve => setImmediate(resolve));
      }
      const results = await outcomes;
      assert.deepEqual(
        results.map(result => (result.status === 'fulfilled' ? 'done' : result.reason.code)),
        [...ifindexes.map(() => 'done'), 'ENODEV'],
      );
      assert.deepEqual(
        here.ipJson('link show').map(link => link['ifname']),
        ['lo'],
      );
    }));

  test('is finished, and its descriptor closed only then, when the socket is disposed meanwhile', () =>
    withNamespaces(async here => {
      here.ip('link add a0 type veth peer name b0');
      const before = readdirSync('/proc/self/fd').length;
      const socket = openRouteSocket(here.ns);
      const deletion = deleteLink(socket, findLink(socket, 'a0')?.ifindex ?? 0);
      socket[Symbol.dispose]();
      assert.equal(readdirSync('/proc/self/fd').length, before + 1);
      await deletion;
      assert.equal(readdirSync('/proc/self/fd').length, before);
      assert.deepEqual(
        here.ipJson('link show').map(link => link['ifname']),
        ['lo'],
      );
    }));
});

describe('dump()', options, () => {
  test('tells every link that stays exactly once while others come and go', () =>
    withNamespaces(async here => {
      for (let index = 0; index < 50; index++)
        createVeth(here.socket, { name: `stay${index}`, peer: { name: `stay-too${index}` } });
      const name = here.ns.path.split('/').at(-1) ?? '';
      const script = `while :; do ip -n ${name} link add come0 type veth peer name come1; ip -n ${name} link del come0; done`;
      const churn = spawn('sh', ['-c', script], { stdio: 'ignore' });
      try {
        let seen = 0;
        for (let round = 0; round < 2_000 && (seen < 20 || round < 200); round++) {
          const names = listLinks(here.socket).map(link => link.name);
          if (names.some(each => each.startsWith('come'))) seen++;
          assert.equal(names.filter(each => each.startsWith('stay')).length, 100);
          assert.equal(new Set(names).size, names.length);
        }
        assert.ok(seen > 0, 'the other process changed nothing');
      } finally {
        churn.kill('SIGKILL');
        await once(churn, 'exit');
      }
    }));
});
