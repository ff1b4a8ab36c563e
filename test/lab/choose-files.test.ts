import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseFiles } from './choose-files.ts';

test('chooseFiles() takes the files that name a kind as a word of its own', () => {
  const sources = [
    { file: 'a', text: "kind: 'ipvlan'" },
    { file: 'b', text: "kind: 'macvlan' with ipvlans" },
    { file: 'c', text: 'ip link add v5 type vlan id 5' },
  ];
  assert.deepEqual(chooseFiles(sources, ['ipvlan', 'vlan']), ['a', 'c']);
  assert.deepEqual(chooseFiles(sources, []), []);
});
