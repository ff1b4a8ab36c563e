import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pool } from '../store/claim-store.ts';
import type { Wish } from './wishes.ts';
import { worthTrying } from './worth-trying.ts';

const owner = { podNamespace: 'n', podName: 'p', podUid: 'u', network: 'lan', interface: 'net1' };
const pool: Pool = {
  ref: { dialect: 'kube-ovn', kind: 'Subnet', name: 'lan' },
  scope: 'default',
  family: 4,
  prefixLength: 24,
  text: 'lan',
  usable: [],
};

/** One way for each text: these addresses together; without any, whichever of the pool. */
function waysOf(texts: readonly string[]): readonly (readonly Wish[])[] {
  return texts.map(text =>
    text === '*' ? [{ pools: [pool] }] : text.split('+').map(part => ({ pools: [pool], address: ipOf(part) })),
  );
}

function ipOf(part: string): string {
  return `10.0.0.${Number.parseInt(part, 16)}`;
}

function partOf({ address }: Wish): string {
  return address === undefined ? '*' : Number(address.split('.')[3]).toString(16);
}

interface Known {
  readonly own?: readonly string[];
  /** Thought to be held before anybody is asked. */
  readonly taken?: readonly string[];
  /** Found out by asking, in place of that. */
  readonly inPool?: readonly string[];
  readonly inScope?: readonly string[];
}

/** What somebody tries who fails each time, and what is asked on the way. */
async function courseOf(texts: readonly string[], { own = [], taken = [], inPool = [], inScope = [] }: Known = {}) {
  const course: string[] = [];
  let held = new Set(taken);
  const store = {
    heldBy: async () => own.map(ipOf),
    isTaken: (wish: Wish) => held.has(partOf(wish)),
    async survey(_: readonly Pool[], extent: 'pool' | 'scope') {
      course.push(`ask ${extent}`);
      held = new Set(extent === 'pool' ? inPool : inScope);
    },
  };
  for await (const wishes of worthTrying(waysOf(texts), owner, store, undefined)) {
    course.push(wishes.map(partOf).join('+'));
  }
  return course;
}

test('worthTrying() knows no choice where there is one way', async () => {
  assert.deepEqual(await courseOf(['1'], { taken: ['1'] }), ['1']);
});

test('worthTrying() begins with what the owner has, and passes by what others are known to have', async () => {
  const texts = ['1+a', '2+b', '3+c'];
  assert.deepEqual((await courseOf(texts, { own: ['3'], taken: ['3', 'a'] })).slice(0, 2), ['3+c', '2+b']);
});

test('worthTrying() begins with the pool that the owner has an address of, also of one that it may only keep', async () => {
  const [first, ...others] = [10n, 20n, 30n].map(value => ({ ...pool, usable: [{ first: value, last: value + 5n }] }));
  const kept = { ...pool, usable: [], kept: [{ first: 40n, last: 45n }] };
  const ways: readonly (readonly Wish[])[] = [first, ...others, kept].flatMap(one =>
    one === undefined ? [] : [[{ pools: [one] }]],
  );
  const beginOf = async (...own: readonly string[]): Promise<number> => {
    const store = { heldBy: async () => own, isTaken: () => false, survey: async () => undefined };
    const { value } = await worthTrying(ways, owner, store, undefined).next();
    return ways.indexOf(value ?? []);
  };
  assert.deepEqual(
    [await beginOf(), await beginOf('0.0.0.22'), await beginOf('0.0.0.41'), await beginOf('::16')],
    [0, 1, 3, 0],
  );
});

test('worthTrying() asks once what others hold when it has lost two, and tries what is free', async () => {
  const texts = ['1', '2', '3', '4', '5', '6'];
  assert.deepEqual(await courseOf(texts, { inPool: ['1', '2', '3', '4', '6'] }), ['1', '2', 'ask pool', '5']);
});

test('worthTrying() believes nothing that it has learnt before it gives up', async () => {
  assert.deepEqual(await courseOf(['1', '2', '3'], { taken: ['1', '2', '3'], inPool: ['1', '3'] }), ['ask pool', '2']);
});

test('worthTrying() asks about the whole scope where the pool does not say who has what was lost', async () => {
  const texts = ['1', '2', '3', '4', '5', '6', '7'];
  const expected = ['1', '2', 'ask pool', '3', '4', 'ask scope', '6'];
  assert.deepEqual(await courseOf(texts, { inScope: ['5', '7'] }), expected);
});

test('worthTrying() tries the first way where all are held: its failure says by whom', async () => {
  const texts = ['1', '2', '3'];
  assert.deepEqual(await courseOf(texts, { taken: texts, inPool: texts }), ['ask pool', '1']);
});

test('worthTrying() asks nothing where no way names an address, and for none that it has tried', async () => {
  assert.deepEqual(await courseOf(['*', '*', '*', '*']), ['*', '*', '*', '*']);
  assert.deepEqual(await courseOf(['1', '2']), ['1', '2']);
});
