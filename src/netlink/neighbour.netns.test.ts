import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { skipUnlessRing2 } from '../netns/testing.ts';
import { deleteNeighbour, listNeighbours, listNeighboursOf, replaceNeighbour } from './neighbour.ts';
import { pick, type TestNamespace, withLink } from './testing.ts';

const options = skipUnlessRing2();

describe('replaceNeighbour()', options, () => {
  const show = (here: TestNamespace): unknown[] => pick(here.ipJson('neighbour show'), 'dst', 'dev', 'lladdr', 'state');

  test('sets a permanent entry in place of whatever was there', () =>
    withLink((here, ifindex) => {
      here.ip('neighbour add 172.18.0.2 lladdr 02:00:00:00:00:99 dev a0 nud stale');
      replaceNeighbour(here.socket, { ifindex, address: '172.18.0.2', lladdr: '02:00:00:00:00:01' });
      replaceNeighbour(here.socket, { ifindex, address: 'fd00::2', lladdr: '02:00:00:00:00:02' });
      assert.deepEqual(show(here), [
        { dst: '172.18.0.2', dev: 'a0', lladdr: '02:00:00:00:00:01', state: ['PERMANENT'] },
        { dst: 'fd00::2', dev: 'a0', lladdr: '02:00:00:00:00:02', state: ['PERMANENT'] },
      ]);
      here.ip('neighbour add 172.18.0.3 lladdr 02:00:00:00:00:03 dev b0 nud reachable');
      assert.deepEqual(
        listNeighbours(here.socket).toSorted((a, b) => (a.address < b.address ? -1 : 1)),
        [
          { family: 4, address: '172.18.0.2', dev: 'a0', lladdr: '02:00:00:00:00:01', isPermanent: true },
          { family: 4, address: '172.18.0.3', dev: 'b0', lladdr: '02:00:00:00:00:03', isPermanent: false },
          { family: 6, address: 'fd00::2', dev: 'a0', lladdr: '02:00:00:00:00:02', isPermanent: true },
        ],
      );
      assert.deepEqual(
        listNeighboursOf(here.socket, { ifindex, name: 'a0' })
          .map(({ address }) => address)
          .sort(),
        ['172.18.0.2', 'fd00::2'],
      );
    }));

  test('deleteNeighbour() takes it away, and says when there is none', () =>
    withLink((here, ifindex) => {
      replaceNeighbour(here.socket, { ifindex, address: '172.18.0.2', lladdr: '02:00:00:00:00:01' });
      deleteNeighbour(here.socket, { ifindex, address: '172.18.0.2' });
      assert.deepEqual(
        listNeighbours(here.socket).filter(each => each.lladdr !== undefined),
        [],
      );
      assert.throws(() => deleteNeighbour(here.socket, { ifindex, address: '172.18.0.9' }), { code: 'ENOENT' });
      assert.throws(() => deleteNeighbour(here.socket, { ifindex: 4711, address: '172.18.0.9' }), { code: 'ENODEV' });
    }));
});
