import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { createLink, createVeth } from './create-link.ts';
import type { KernelEvent } from './kernel-event.ts';
import { findLink } from './link.ts';
import { type MonitorGroup, monitorNamespace } from './monitor.ts';
import { withNamespaces } from './testing.ts';

const options = skipUnlessRing2();
const ALL: readonly MonitorGroup[] = ['link', 'address', 'route', 'rule'];

/** Resolves with the first event that fits; the timer keeps the process alive, which a monitor does not. */
async function nextEvent(
  listen: (take: (event: KernelEvent) => void) => void,
  fits: (event: KernelEvent) => boolean,
): Promise<KernelEvent> {
  const found = Promise.withResolvers<KernelEvent>();
  const timer = setTimeout(() => found.reject(new Error('no such event within 5 s')), 5_000);
  listen(event => {
    if (fits(event)) found.resolve(event);
  });
  return found.promise.finally(() => clearTimeout(timer));
}

describe('monitorNamespace()', options, () => {
  test('reports from the event loop what another process does', () =>
    withNamespaces(async here => {
      const abort = new AbortController();
      const event = await nextEvent(
        take => {
          monitorNamespace({ ns: here.ns, groups: ALL, onMessage: take, onOverrun: assert.fail, signal: abort.signal });
          here.ip('link add br0 type bridge');
        },
        each => each.kind === 'link',
      );
      assert.deepEqual(event, { kind: 'link', isGone: false, link: findLink(here.socket, 'br0') });
      abort.abort();
    }));

  test('reports each kind, made and gone, in order, and only of its namespace', () =>
    withNamespaces((here, there) => {
      const abort = new AbortController();
      const events: KernelEvent[] = [];
      const monitor = monitorNamespace({
        ns: here.ns,
        groups: ALL,
        onMessage: event => events.push(event),
        onOverrun: assert.fail,
        signal: abort.signal,
      });
      there.ip('link add br9 type bridge');
      here.ip('link set lo up');
      monitor.drainSync();
      events.length = 0;
      here.ip('address add 10.0.0.1/24 dev lo');
      here.ip('route add 10.9.0.0/16 dev lo table 1000');
      here.ip('route replace 10.9.0.0/16 dev lo table 1000 src 10.0.0.1');
      here.ip('rule add from 10.0.0.1 table 1000 pref 500');
      here.ip('rule del pref 500');
      here.ip('route del 10.9.0.0/16 dev lo table 1000');
      here.ip('address del 10.0.0.1/24 dev lo');
      monitor.drainSync();
      const route = { family: 4, dst: '10.9.0.0/16', table: 1000, scope: 'link', protocol: 3, ifindex: 1 } as const;
      const rule = { family: 4, priority: 500, from: '10.0.0.1/32', table: 1000 } as const;
      const address = { ifindex: 1, address: '10.0.0.1/24', scope: 'universe' } as const;
      assert.deepEqual(events, [
        { kind: 'address', isGone: false, address },
        { kind: 'route', isGone: false, isReplace: false, route },
        { kind: 'route', isGone: false, isReplace: true, route: { ...route, src: '10.0.0.1' } },
        { kind: 'rule', isGone: false, rule },
        { kind: 'rule', isGone: true, rule },
        { kind: 'route', isGone: true, isReplace: false, route: { ...route, src: '10.0.0.1' } },
        { kind: 'address', isGone: true, address },
      ]);
      abort.abort();
    }));

  test('reports only the groups that were asked for', () =>
    withNamespaces(here => {
      const abort = new AbortController();
      const kinds: string[] = [];
      const monitor = monitorNamespace({
        ns: here.ns,
        groups: ['rule'],
        onMessage: event => kinds.push(event.kind),
        onOverrun: assert.fail,
        signal: abort.signal,
      });
      here.ip('link add br0 type bridge');
      here.ip('rule add table 1000 pref 500');
      monitor.drainSync();
      assert.deepEqual(kinds, ['rule']);
      abort.abort();
    }));

  test('tells once of lost events, throws away those from before, and goes on', () =>
    withNamespaces(here => {
      const abort = new AbortController();
      const seen: string[] = [];
      const monitor = monitorNamespace({
        ns: here.ns,
        groups: ['link'],
        queueBytes: 4096,
        onMessage: event => seen.push(event.kind === 'link' ? event.link.name : event.kind),
        onOverrun: () => seen.push('overrun'),
        signal: abort.signal,
      });
      for (let index = 0; index < 25; index++)
        createVeth(here.socket, { name: `a${index}`, peer: { name: `b${index}` } });
      monitor.drainSync();
      assert.deepEqual(seen, ['overrun']);
      createLink(here.socket, { name: 'after0', data: { kind: 'bridge' } });
      monitor.drainSync();
      assert.deepEqual(seen, ['overrun', 'after0']);
      abort.abort();
    }));

  test('ends with its signal, also from within a callback, and leaks no descriptor', () =>
    withNamespaces(here => {
      const before = readdirSync('/proc/self/fd').length;
      for (let round = 0; round < 50; round++) {
        const abort = new AbortController();
        let events = 0;
        const monitor = monitorNamespace({
          ns: here.ns,
          groups: ['link'],
          onMessage: () => {
            events++;
            abort.abort();
          },
          onOverrun: assert.fail,
          signal: abort.signal,
        });
        createVeth(here.socket, { name: `a${round}`, peer: { name: `b${round}` } });
        monitor.drainSync();
        monitor.drainSync();
        assert.equal(events, 1);
      }
      assert.equal(readdirSync('/proc/self/fd').length, before);
      assert.throws(
        () => monitorNamespace({ groups: ['link'], onMessage() {}, onOverrun() {}, signal: AbortSignal.abort() }),
        { name: 'AbortError' },
      );
    }));

  test('lets the process end while it is open, and lets process.exit() through', () => {
    const start = `
      import { monitorNamespace } from ${JSON.stringify(new URL('./mod.ts', import.meta.url).href)};
      monitorNamespace({ groups: ['link'], onMessage() {}, onOverrun() {}, signal: new AbortController().signal });`;
    const run = (rest: string) =>
      execFileSync(process.execPath, ['--input-type=module', '-e', `${start}\n${rest}`], {
        encoding: 'utf8',
        timeout: 20_000,
      });
    assert.equal(run(`console.log('end');`), 'end\n');
    assert.equal(
      run(`setTimeout(() => { console.log('exit'); process.exit(0); }, 1); setInterval(() => {}, 1000);`),
      'exit\n',
    );
  });
});
