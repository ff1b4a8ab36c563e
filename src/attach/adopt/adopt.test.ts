import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '#base';
import { openJournal } from '../journal/journal.ts';
import { entryOf } from '../journal/testing.ts';
import { adoptForeign } from './adopt.ts';

test('adoptForeign() forgets what Multus has undone, but not because its directory is not there', async t => {
  const dir = mkdtempSync(join(tmpdir(), 'underlane-adopt-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const places = { multusDir: join(dir, 'multus'), runtimeDir: join(dir, 'cni') };
  const journal = openJournal(join(dir, 'journal'), silentLog);
  const files = [join(places.multusDir, 'c1'), join(places.multusDir, 'results', 'lan-c1-eth0')];
  const entry = entryOf({ containerId: 'c1' }, { foreign: { files } });
  journal.put(entry);
  await adoptForeign(places, journal, silentLog);
  assert.deepEqual(journal.list(), [entry]);
  mkdirSync(join(places.multusDir, 'results'), { recursive: true });
  await adoptForeign(places, journal, silentLog);
  assert.deepEqual(journal.list(), []);
});
