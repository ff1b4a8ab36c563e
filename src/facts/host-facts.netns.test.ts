import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { type Log, silentLog } from '#base';
import { addRoute, createLink, createVeth, deleteLink, findLink, openRouteSocket } from '#netlink';
import { createNamespace, deleteNamespace, type NetNamespace } from '#netns';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { createHostFacts, type HostFacts, readNsFacts } from './mod.ts';

interface Setting {
  readonly ns: NetNamespace;
  readonly name: string;
  readonly abort: AbortController;
  ip(...args: string[]): void;
}

async function withNamespace(use: (setting: Setting) => Promise<void>): Promise<void> {
  const name = `facts-${process.pid}`;
  const path = `/run/netns/${name}`;
  const abort = new AbortController();
  using ns = createNamespace(path);
  try {
    await use({
      ns,
      name,
      abort,
      ip: (...args) => {
        execFileSync('ip', ['-n', name, ...args]);
      },
    });
  } finally {
    abort.abort();
    deleteNamespace(path);
  }
}

/** The facts that a fresh reading gives, without what the table does not keep. */
function freshly(ns: NetNamespace) {
  using socket = openRouteSocket(ns);
  const { links, addresses, routes, rules } = readNsFacts(socket);
  return sorted({ links, addresses, routes, rules });
}

function sorted(facts: Pick<HostFacts['current'], 'links' | 'addresses' | 'routes' | 'rules'>) {
  const order = (items: readonly unknown[]): string[] =>
    items.map(item => JSON.stringify(Object.entries(item as object).sort())).sort();
  return {
    links: order(facts.links),
    addresses: order(facts.addresses),
    routes: order(facts.routes),
    rules: order(facts.rules),
  };
}

/** What somebody else does to a node, in an order in which each step leaves traces in several tables. */
const STEPS: readonly (readonly string[])[] = [
  ['link', 'set', 'lo', 'up'],
  ['link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'b0'],
  ['link', 'set', 'a0', 'up'],
  ['link', 'set', 'b0', 'up'],
  ['address', 'add', '10.1.0.1/24', 'dev', 'a0'],
  ['address', 'add', '10.1.0.2/24', 'dev', 'b0'],
  ['address', 'add', 'fd00:1::1/64', 'dev', 'a0', 'nodad'],
  ['route', 'add', 'default', 'via', '10.1.0.9', 'dev', 'a0'],
  ['route', 'add', '10.9.0.0/16', 'via', '10.1.0.9', 'dev', 'a0', 'src', '10.1.0.1', 'table', '1000'],
  ['route', 'replace', 'default', 'via', '10.1.0.8', 'dev', 'b0'],
  ['route', 'append', '10.9.0.0/16', 'via', '10.1.0.7', 'dev', 'a0', 'table', '1000'],
  [
    'route',
    'add',
    '10.10.0.0/16',
    'nexthop',
    'via',
    '10.1.0.5',
    'dev',
    'a0',
    'nexthop',
    'via',
    '10.1.0.6',
    'dev',
    'b0',
  ],
  ['-6', 'route', 'add', 'fd00:9::/64', 'via', 'fd00:1::9', 'dev', 'a0'],
  ['-6', 'route', 'append', 'fd00:9::/64', 'via', 'fd00:1::8', 'dev', 'a0'],
  ['-6', 'route', 'del', 'fd00:9::/64', 'via', 'fd00:1::9', 'dev', 'a0'],
  ['route', 'add', 'blackhole', '10.11.0.0/16'],
  ['rule', 'add', 'from', '10.1.0.1', 'table', '1000', 'pref', '500'],
  ['rule', 'add', 'fwmark', '0x10/0xff', 'iif', 'a0', 'table', '1001', 'pref', '400'],
  ['rule', 'add', 'oif', 'a0', 'table', '1001', 'pref', '401'],
  ['rule', 'del', 'pref', '401'],
  ['-6', 'rule', 'add', 'to', 'fd00:9::/64', 'table', '1000', 'pref', '501'],
  ['route', 'add', '10.12.0.0/16', 'dev', 'b0', 'scope', 'host'],
  ['route', 'add', '10.13.0.0/16', 'via', '10.1.0.4', 'dev', 'b0'],
  ['link', 'set', 'b0', 'down'],
  ['link', 'set', 'b0', 'name', 'c0'],
  ['link', 'set', 'c0', 'up'],
  ['route', 'flush', '10.9.0.0/16', 'via', '10.1.0.7', 'table', '1000'],
  ['address', 'del', '10.1.0.1/24', 'dev', 'a0'],
  ['rule', 'del', 'pref', '500'],
  ['link', 'add', 'br0', 'type', 'bridge'],
  ['link', 'set', 'c0', 'master', 'br0'],
  ['link', 'set', 'c0', 'nomaster'],
  ['link', 'del', 'a0'],
  ['link', 'del', 'br0'],
];

describe('createHostFacts()', skipUnlessRing2(), () => {
  test('current equals a fresh reading after each thing that somebody else does', () =>
    withNamespace(async ({ ns, abort, ip }) => {
      const facts = await createHostFacts({ ns, signal: abort.signal, log: silentLog });
      assert.deepEqual(sorted(facts.current), freshly(ns));
      for (const step of STEPS) {
        const before = facts.current;
        ip(...step);
        await assertSettles(facts, ns, step.join(' '));
        // Rules by `oif` are for what the node itself sends. All else may change at any moment: IPv6 does so by itself.
        if (step.includes('401')) assert.deepEqual(facts.current.rules, before.rules);
        else assert.notEqual(facts.current, before, step.join(' '));
      }
    }));

  test('current equals a fresh reading also when many things came at once', () =>
    withNamespace(async ({ ns, abort, ip }) => {
      const facts = await createHostFacts({ ns, signal: abort.signal, log: silentLog });
      for (const step of STEPS.slice(0, 25)) ip(...step);
      await assertSettles(facts, ns, 'all steps');
    }));

  test('current has what this process has just done, without a turn of the event loop', () =>
    withNamespace(async ({ ns, abort }) => {
      const facts = await createHostFacts({ ns, signal: abort.signal, log: silentLog });
      using socket = openRouteSocket(ns);
      createVeth(socket, { name: 'a0', isUp: true, peer: { name: 'b0' } });
      addRoute(socket, { ifindex: findLink(socket, 'a0')?.ifindex ?? 0, dst: '10.7.0.0/16' });
      assert.ok(facts.current.links.some(link => link.name === 'b0'));
      assert.ok(facts.current.routes.some(route => route.dst === '10.7.0.0/16' && route.dev === 'a0'));
      const { current } = facts;
      assert.equal(facts.current, current);
    }));

  test('subscribe() tells of a change, once for several, and no more after its end', () =>
    withNamespace(async ({ ns, abort }) => {
      const facts = await createHostFacts({ ns, signal: abort.signal, log: silentLog });
      using socket = openRouteSocket(ns);
      await turn();
      const seen: string[][] = [];
      const told = Promise.withResolvers<void>();
      const end = facts.subscribe(now => {
        assert.equal(now, facts.current);
        seen.push(now.links.map(link => link.name));
        told.resolve();
      });
      createLink(socket, { name: 'br0', data: { kind: 'bridge' } });
      createLink(socket, { name: 'br1', data: { kind: 'bridge' } });
      assert.notEqual(await inTime(told.promise), 'timeout');
      assert.deepEqual(seen, [['lo', 'br0', 'br1']]);
      end();
      await deleteLink(socket, findLink(socket, 'br0')?.ifindex ?? 0);
      facts.refresh();
      await turn();
      assert.equal(seen.length, 1);
    }));

  test('a listener that throws is logged and does not keep others from hearing', () =>
    withNamespace(async ({ ns, abort }) => {
      const logged: unknown[] = [];
      const log: Log = { ...silentLog, error: fields => logged.push(fields) };
      const facts = await createHostFacts({ ns, signal: abort.signal, log });
      using socket = openRouteSocket(ns);
      await turn();
      const told = Promise.withResolvers<void>();
      facts.subscribe(() => {
        throw new Error('no ears');
      });
      facts.subscribe(() => told.resolve());
      createLink(socket, { name: 'br0', data: { kind: 'bridge' } });
      assert.notEqual(await inTime(told.promise), 'timeout');
      assert.deepEqual(logged, [{ error: 'no ears' }]);
    }));

  test('reads everything anew when the kernel had to drop events', () =>
    withNamespace(async ({ ns, abort }) => {
      const warned: string[] = [];
      const log: Log = { ...silentLog, warn: (_fields, message) => warned.push(message) };
      const facts = await createHostFacts({ ns, signal: abort.signal, log, queueBytes: 4096 });
      using socket = openRouteSocket(ns);
      for (let index = 0; index < 25; index++) createVeth(socket, { name: `a${index}`, peer: { name: `b${index}` } });
      assert.equal(facts.current.links.length, 51);
      assert.deepEqual(warned, ['network events were lost, reading the state anew']);
      assert.deepEqual(sorted(facts.current), freshly(ns));
    }));

  test('neighbours() are read when asked for, of the devices asked for', () =>
    withNamespace(async ({ ns, abort, ip }) => {
      const facts = await createHostFacts({ ns, signal: abort.signal, log: silentLog });
      ip('link', 'add', 'a0', 'up', 'type', 'veth', 'peer', 'name', 'b0');
      ip('neigh', 'add', '10.0.0.7', 'lladdr', '02:00:00:00:00:07', 'dev', 'a0');
      assert.deepEqual(facts.neighbours(new Set(['a0', 'gone'])), [
        { family: 4, address: '10.0.0.7', dev: 'a0', lladdr: '02:00:00:00:00:07', isPermanent: true },
      ]);
      assert.deepEqual(facts.neighbours(new Set(['b0'])), []);
      assert.deepEqual(facts.current.neighbours, []);
    }));

  test('stays as it was once its signal is aborted', () =>
    withNamespace(async ({ ns, abort, ip }) => {
      const facts = await createHostFacts({ ns, signal: abort.signal, log: silentLog });
      const { current } = facts;
      abort.abort();
      ip('link', 'add', 'br0', 'type', 'bridge');
      assert.equal(facts.current, current);
      await assert.rejects(createHostFacts({ ns, signal: abort.signal, log: silentLog }), { name: 'AbortError' });
    }));
});

/** The kernel announces IPv6 addresses from a work queue: until it has, the next change is waited for. */
async function assertSettles(facts: HostFacts, ns: NetNamespace, step: string): Promise<void> {
  for (;;) {
    const change = Promise.withResolvers<void>();
    const end = facts.subscribe(() => change.resolve());
    const expected = freshly(ns);
    try {
      if (isDeepStrictEqual(sorted(facts.current), expected)) return;
      if ((await inTime(change.promise)) === 'timeout') assert.deepEqual(sorted(facts.current), expected, step);
    } finally {
      end();
    }
  }
}

/** Lets everything run that is due by now. */
function turn(): Promise<void> {
  return new Promise(resolve => setImmediate(() => setImmediate(resolve)));
}

/** Fails instead of hanging, and keeps the process alive meanwhile: the monitor does not. */
async function inTime<T>(promise: Promise<T>): Promise<T | 'timeout'> {
  const timeout = Promise.withResolvers<'timeout'>();
  const timer = setTimeout(() => timeout.resolve('timeout'), 5_000);
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}
