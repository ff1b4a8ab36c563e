import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onceEach } from './once-each.ts';

test('onceEach() says each text once, and forgets those that nobody has said for long', () => {
  const heard: string[] = [];
  const say = onceEach(text => heard.push(text));
  for (const text of ['a', 'b', 'a', 'a']) say(text);
  assert.deepEqual(heard, ['a', 'b']);
  for (let index = 0; index < 999; index++) say(`${index}`);
  heard.length = 0;
  say('a');
  assert.deepEqual(heard, []);
  say('b');
  assert.deepEqual(heard, ['b']);
});
