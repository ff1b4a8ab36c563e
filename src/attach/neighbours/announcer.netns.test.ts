import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, silentLog } from '#base';
import type { Change } from '#wiring';
import { skipUnlessRing2 } from '../../netns/testing.ts';
import { type Machine, withCable } from '../../probe/testing.ts';
import { capture } from '../../probe/testing-capture.ts';
import type { JournalEntry } from '../journal/entry.ts';
import { entryOf, recordOf } from '../journal/testing.ts';
import { createAnnouncer } from './announcer.ts';

const { skip } = skipUnlessRing2();

/** A clock of which each pause is let go by the test. */
function heldClock(): Clock & { readonly pauses: (() => void)[]; paused(): Promise<void> } {
  const pauses: (() => void)[] = [];
  let onPause: () => void = () => {};
  return {
    pauses,
    now: () => 0,
    paused: () => (pauses.length > 0 ? Promise.resolve() : new Promise(resolve => (onPause = resolve))),
    sleep: (_ms, signal) =>
      new Promise((resolve, reject) => {
        pauses.push(resolve);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        onPause();
      }),
  };
}

function entryIn(here: Machine, ...addresses: readonly string[]): JournalEntry {
  const changes = addresses.map((address): Change => {
    return { op: 'create', item: { kind: 'address', place: 'pod', dev: 'a0', address } };
  });
  const segments = [{ kind: 'wiring', plugins: ['macvlan'], changes }] as const;
  return entryOf({ network: 'lan' }, { netns: here.path, attachments: [recordOf({ ifname: 'a0', segments })] });
}

test('announce() says nothing before its caller is done, and forget() ends it', { skip }, () =>
  withCable(async (here, there) => {
    const clock = heldClock();
    const ending = new AbortController();
    const announcer = createAnnouncer({ clock, log: silentLog, signal: ending.signal });
    const entry = entryIn(here, '10.0.0.5/24');
    using heard = capture(there.path, 'b0');
    announcer.announce(entry);
    assert.deepEqual(heard.lines(), []);
    await heard.seen(/who-has 10\.0\.0\.5 /, 1);
    await clock.paused();
    announcer.forget(entry.key);
    for (const resume of clock.pauses) resume();
    // What another says later is heard, so what is not heard by then was not said.
    announcer.announce(entryIn(here, '10.0.0.6/24'));
    await heard.seen(/who-has 10\.0\.0\.6 /, 1);
    assert.equal(heard.lines().filter(line => line.includes('who-has 10.0.0.5 ')).length, 1);
    ending.abort();
  }),
);

test('announce() says nothing of an address that a virtual machine has elsewhere until it has migrated', { skip }, () =>
  withCable(async (here, there) => {
    const entry = entryIn(here, '10.0.0.5/24', '10.0.0.6/24');
    const spec = {
      address: '10.0.0.5/24',
      pool: { dialect: 'spiderpool', kind: 'SpiderIPPool', name: 'lan' },
      owner: { podName: 'source', podUid: 'uid-of-source', network: 'lan', interface: 'a0', slot: 0 },
      node: 'n2',
      policy: 'Sticky',
      heir: { podName: 'target', podUid: 'uid-of-target', node: 'n1' },
    } as const;
    const [attachment] = entry.attachments;
    assert.ok(attachment);
    const ending = new AbortController();
    const announcer = createAnnouncer({ clock: heldClock(), log: silentLog, signal: ending.signal });
    using heard = capture(there.path, 'b0');
    announcer.announce({
      ...entry,
      pod: { namespace: 'default', name: 'target', uid: 'uid-of-target' },
      attachments: [{ ...attachment, leases: [{ kind: 'claim', ref: { name: 'lan-10.0.0.5', uid: 'u' }, spec }] }],
    });
    await heard.seen(/who-has 10\.0\.0\.6 /, 1);
    assert.equal(heard.lines().filter(line => line.includes('who-has 10.0.0.5 ')).length, 0);
    ending.abort();
  }),
);

test('announce() troubles nobody with a namespace that has gone, or when all has ended', { skip }, () =>
  withCable(async here => {
    const warnings: string[] = [];
    const ending = new AbortController();
    const log = { ...silentLog, warn: (_fields: unknown, text: string) => void warnings.push(text) };
    const announcer = createAnnouncer({ clock: heldClock(), log, signal: ending.signal });
    announcer.announce({ ...entryIn(here, '10.0.0.5/24'), netns: `${here.path}-none` });
    await new Promise(resolve => setTimeout(resolve, 100));
    ending.abort();
    announcer.announce(entryIn(here, '10.0.0.5/24'));
    await new Promise(resolve => setTimeout(resolve, 50));
    assert.deepEqual(warnings, []);
  }),
);
