import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reduceGraph } from './room-graph.ts';
import { formatRoomPicture, putRoomPicture } from './room-picture.ts';

const edge = (from: string, to: string, isTypeOnly = false) => ({ from, to, isTypeOnly });

test('reduceGraph() leaves out what follows from other edges, and nothing else', () => {
  const edges = [edge('cli', 'agent'), edge('agent', 'ip'), edge('ip', 'base'), edge('cli', 'base'), edge('cli', 'ip')];
  assert.deepEqual(reduceGraph(edges), edges.slice(0, 3));
});

test('formatRoomPicture() shows every room, and dots where only types are used', () => {
  const picture = formatRoomPicture([edge('plugins', 'wiring', true), edge('wiring', 'facts')], 'en');
  assert.match(picture, /^ {2}plugins -\.-> wiring\n {2}wiring --> facts$/m);
  assert.match(picture, /^ {2}base\["<b>base<\/b><br\/>errors, log, clock, queue"\]$/m);
});

test('putRoomPicture() replaces the picture alone, and wants a place for it', () => {
  const page = (picture: string) =>
    `a\n<!-- rooms: made by scripts/generate-room-picture.ts -->\n\n${picture}\n\n<!-- end of rooms -->\nb\n`;
  assert.equal(putRoomPicture(page('old'), 'new'), page('new'));
  assert.throws(() => putRoomPicture('a\n', 'new'), { message: /expected <!-- rooms/ });
});
