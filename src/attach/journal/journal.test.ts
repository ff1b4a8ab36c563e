import assert from 'node:assert/strict';
import fs, { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Log, silentLog } from '#base';
import type { Change, WiringItem } from '#wiring';
import { setEachFolder } from '../../base/testing.ts';
import type { JournalEntry, Segment } from './entry.ts';
import { openJournal } from './journal.ts';
import { entryOf, recordOf } from './testing.ts';

let dir: string;
setEachFolder(path => {
  dir = path;
});

const bridge: WiringItem = {
  kind: 'link',
  place: 'host',
  name: 'cni0',
  link: { type: 'bridge' },
  isUp: true,
  shared: 'bridge:cni0',
};

function entry(containerId: string, changes: readonly Change[] = []): JournalEntry {
  const segments = [{ kind: 'wiring', plugins: ['bridge'], changes }] as const;
  return entryOf({ containerId }, { attachments: [recordOf({ segments })] });
}

test('openJournal() reads back what another process wrote', () => {
  openJournal(dir, silentLog).put(entry('a'));
  assert.deepEqual(openJournal(dir, silentLog).list(), [entry('a')]);
});

test('openJournal() sets a truncated file aside and keeps the others', () => {
  const journal = openJournal(dir, silentLog);
  journal.put(entry('a'));
  journal.put(entry('b'));
  const [first] = readdirSync(dir);
  assert.ok(first);
  writeFileSync(join(dir, first), readFileSync(join(dir, first), 'utf8').slice(0, 40));
  assert.equal(openJournal(dir, silentLog).list().length, 1);
  assert.deepEqual(
    readdirSync(dir).filter(name => name.endsWith('.broken')),
    [`${first}.broken`],
  );
});

test('openJournal() forgets a write that a crash cut off', () => {
  openJournal(dir, silentLog).put(entry('a'));
  writeFileSync(join(dir, 'x.json.tmp'), '{');
  assert.equal(openJournal(dir, silentLog).list().length, 1);
  assert.equal(readdirSync(dir).length, 1);
});

test('put() replaces, remove() forgets and does not mind an absent entry', () => {
  const journal = openJournal(dir, silentLog);
  journal.put({ ...entry('a'), state: 'adding' });
  journal.put(entry('a'));
  assert.equal(journal.find(entry('a').key)?.state, 'added');
  journal.remove(entry('a').key);
  journal.remove(entry('a').key);
  assert.deepEqual(readdirSync(dir), []);
});

test('put() of another state moves the file, and openJournal() takes the state from its name', () => {
  const journal = openJournal(dir, silentLog);
  const added = entry('a');
  journal.put({ ...added, state: 'adding' });
  const [first] = readdirSync(dir);
  const { ino } = statSync(join(dir, first ?? ''));
  journal.put(added);
  const [second] = readdirSync(dir);
  assert.match(second ?? '', /\.added\.json$/);
  assert.equal(statSync(join(dir, second ?? '')).ino, ino);
  assert.deepEqual(openJournal(dir, silentLog).list(), [entry('a')]);
});

test('openJournal() takes the later of two states that a crash left side by side', () => {
  openJournal(dir, silentLog).put({ ...entry('a'), state: 'adding' });
  const [file = ''] = readdirSync(dir);
  copyFileSync(join(dir, file), join(dir, file.replace('adding', 'deleting')));
  const journal = openJournal(dir, silentLog);
  assert.deepEqual(
    journal.list().map(({ state }) => state),
    ['deleting'],
  );
  assert.equal(readdirSync(dir).length, 1);
});

test('put() keeps entries apart whose containers have endless names', () => {
  const journal = openJournal(dir, silentLog);
  journal.put(entry(`${'c'.repeat(300)}1`));
  journal.put(entry(`${'c'.repeat(300)}2`));
  assert.equal(openJournal(dir, silentLog).list().length, 2);
});

test('put() names the file and keeps the former version when it cannot write', () => {
  const journal = openJournal(dir, silentLog);
  rmSync(dir, { recursive: true });
  assert.throws(() => journal.put(entry('a')), {
    code: 'JOURNAL_WRITE',
    message: /Cannot write journal file ".*a\+eth0\+underlane\+\.added\.json"/,
  });
  assert.equal(journal.find(entry('a').key), undefined);
});

test('holdings.ownShared knows a shared item as ours by the entry that made it, not by those that found it', () => {
  const journal = openJournal(dir, silentLog);
  journal.put(entry('found', [{ op: 'keep', item: bridge }]));
  assert.equal(journal.holdings.ownShared.get('bridge:cni0'), undefined);
  journal.put(entry('made', [{ op: 'create', item: bridge }]));
  assert.equal(journal.holdings.ownShared.get('bridge:cni0')?.op, 'create');
  assert.equal(openJournal(dir, silentLog).holdings.ownShared.get('bridge:cni0')?.op, 'create');
  journal.remove(entry('made').key);
  assert.equal(journal.holdings.ownShared.get('bridge:cni0'), undefined);
});

test('holdings.isSharedInUse() counts every other entry that is not being undone', () => {
  const journal = openJournal(dir, silentLog);
  journal.put(entry('a', [{ op: 'create', item: bridge }]));
  assert.equal(journal.holdings.isSharedInUse('bridge:cni0', entry('a').key), false);
  journal.put(entry('b', [{ op: 'create', item: bridge }]));
  assert.equal(journal.holdings.isSharedInUse('bridge:cni0', entry('a').key), true);
  journal.put({ ...entry('b', [{ op: 'create', item: bridge }]), state: 'deleting' });
  assert.equal(journal.holdings.isSharedInUse('bridge:cni0', entry('a').key), false);
});

test('holdings.isLeased() follows the entries that hold a host-local address', () => {
  const journal = openJournal(dir, silentLog);
  const holder: JournalEntry = {
    ...entry('a'),
    attachments: [
      {
        network: 'lan',
        ifname: 'eth0',
        leases: [{ kind: 'host-local', network: 'lan', address: '10.0.0.2/24' }],
        segments: [],
      },
    ],
  };
  journal.put(holder);
  assert.equal(journal.holdings.isLeased('lan', '10.0.0.2'), true);
  assert.equal(journal.holdings.isLeased('other', '10.0.0.2'), false);
  journal.put({ ...holder, state: 'undone' });
  assert.equal(journal.holdings.isLeased('lan', '10.0.0.2'), true);
  assert.equal(openJournal(dir, silentLog).holdings.isLeased('lan', '10.0.0.2'), true);
  journal.remove(holder.key);
  assert.equal(journal.holdings.isLeased('lan', '10.0.0.2'), false);
});

test('openJournal() sets every file aside that is cut off or holds something else, with a message, and goes on', () => {
  const whole = JSON.stringify(entry('a', [{ op: 'create', item: bridge }]));
  const { attachments, ...rest } = entry('a');
  const garbage = [
    ...Array.from({ length: whole.length }, (_, length) => whole.slice(0, length)),
    ...['null', '[]', '5', '{}', '\0'.repeat(4096), '{"format":1}', '['.repeat(100_000)],
    ...[{ ...rest }, { ...rest, attachments: [null] }, { ...rest, attachments: [{}] }].map(each =>
      JSON.stringify(each),
    ),
    ...[[null], [{ kind: 'wiring' }], [{ kind: 'x' }], [{ kind: 'wiring', changes: [null] }]].map(segments =>
      JSON.stringify({ ...rest, attachments: attachments.map(each => ({ ...each, segments })) }),
    ),
    JSON.stringify({ ...rest, attachments, key: { ...rest.key, network: undefined } }),
    JSON.stringify({ ...rest, attachments, format: 2 }),
  ];
  openJournal(dir, silentLog).put(entry('good'));
  const said: unknown[] = [];
  const log: Log = { ...silentLog, error: fields => said.push(fields['file']) };
  const path = join(dir, 'a+eth0+underlane+.added.json');
  for (const text of garbage) {
    writeFileSync(path, text);
    const journal = openJournal(dir, log);
    assert.deepEqual(journal.list(), [entry('good')], text.slice(0, 80));
    assert.equal(said.at(-1), path);
    assert.equal(readFileSync(`${path}.broken`, 'utf8'), text);
    rmSync(`${path}.broken`);
  }
  assert.equal(said.length, garbage.length);
});

test('openJournal() sets an entry aside whose name says no state, or is not its own', () => {
  openJournal(dir, silentLog).put(entry('a'));
  for (const name of ['b.json', 'b.added.json', 'c+eth0+underlane+.added.json']) {
    writeFileSync(join(dir, name), JSON.stringify(entry('b')));
    assert.deepEqual(openJournal(dir, silentLog).list(), [entry('a')]);
    assert.ok(readdirSync(dir).includes(`${name}.broken`));
  }
  writeFileSync(join(dir, 'b+eth0+underlane+.added.json'), JSON.stringify(entry('b')));
  assert.equal(openJournal(dir, silentLog).list().length, 2);
});

test('put() has an entry with an executed plugin on the disk whenever its text changes, and any other never', t => {
  const journal = openJournal(dir, silentLog);
  const executed: Segment = { kind: 'exec', type: 'ptp', role: 'plugin', config: { type: 'ptp' }, args: {} };
  const begun: JournalEntry = {
    ...entry('a'),
    state: 'adding',
    attachments: [{ network: 'lan', ifname: 'eth0', leases: [], segments: [executed] }],
  };
  const sync = t.mock.method(fs, 'fsyncSync');
  syncBuiltinESMExports();
  t.after(() => {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  });
  const synced = (next: JournalEntry): boolean => {
    sync.mock.resetCalls();
    journal.put(next);
    return sync.mock.callCount() === 2; // file and folder
  };
  assert.ok(synced(begun));
  const result = { interfaces: [], ips: [], routes: [], dns: {} };
  const made: JournalEntry = {
    ...begun,
    state: 'added',
    attachments: begun.attachments.map(one => ({ ...one, result })),
  };
  assert.ok(synced(made), 'its result came, and with it another state');
  assert.ok(!synced({ ...made, state: 'deleting' }), 'only the name of the file changes');
  assert.ok(!synced(entry('b')));
});
