import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JournalEntry } from './entry.ts';
import { staleEntries } from './stale-entries.ts';
import { entryOf } from './testing.ts';

function entry(containerId: string, changes: Partial<JournalEntry> = {}, plugin = 'underlane'): JournalEntry {
  const key = { containerId, plugin, network: plugin === 'underlane' ? '' : 'lan' };
  return entryOf(key, { root: 'cluster', ...changes });
}

const root = { plugin: 'underlane', network: 'cluster' };

function staleIds(entries: readonly JournalEntry[], valid: Parameters<typeof staleEntries>[2] = []) {
  return staleEntries(entries, root, valid).map(({ key }) => key.containerId);
}

test('staleEntries() finds what the runtime does not name, by container and interface', () => {
  const valid = [
    { containerId: 'a', ifname: 'eth0' },
    { containerId: 'b', ifname: 'eth1' },
  ];
  assert.deepEqual(staleIds([entry('a'), entry('b'), entry('c')], valid), ['b', 'c']);
  assert.deepEqual(staleIds([entry('a'), entry('b')]), ['a', 'b']);
});

test('staleEntries() finds what a failed DEL left', () => {
  assert.deepEqual(staleIds([entry('a', { state: 'deleting' }), entry('b', { state: 'undone' })]), ['a', 'b']);
});

test('staleEntries() leaves other networks, other plugins, and what is known of nobody alone', () => {
  const { root: _unknown, ...adopted } = entry('c');
  assert.deepEqual(staleIds([entry('a', { root: 'other' }), entry('b', {}, 'macvlan'), adopted]), []);
});

test('staleEntries() leaves what a delegate asked for to its parent', () => {
  assert.deepEqual(staleIds([entry('a', { parent: 'p' })]), []);
});
