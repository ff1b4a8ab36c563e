import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IpamError, type IpamErrorCode } from '../errors.ts';
import type { Claim, ClaimRequest, ClaimStore, Pool } from '../store/claim-store.ts';
import { takeWishes } from './take-wishes.ts';
import type { Wishes } from './wishes.ts';

const owner = { podNamespace: 'n', podName: 'p', podUid: 'u', network: 'lan', interface: 'eth0' };

function poolOf(name: string): Pool {
  return {
    ref: { dialect: 'spiderpool', kind: 'SpiderIPPool', name },
    scope: 'default',
    family: 4,
    prefixLength: 24,
    text: name,
    usable: [{ first: 1n, last: 1n }],
  };
}

function wishesOf(pools: readonly string[], more?: Wishes['more']): Wishes {
  const alternatives = [pools.map(name => ({ pools: [poolOf(name)] }))];
  return { alternatives, fixed: [], routes: [], dns: {}, ...(more === undefined ? {} : { more }) };
}

/** A store in which these pools fail so; what is taken and given back stands in its log. */
function storeOf(failures: Readonly<Record<string, IpamErrorCode>>, log: string[]) {
  const take = async ({ pools: [pool] }: ClaimRequest): Promise<Claim> => {
    const name = pool?.ref.name ?? '';
    const code = failures[name];
    if (code !== undefined) throw new IpamError(code, name);
    log.push(`took ${name}`);
    // Nothing else of it is looked at.
    return { name, isNew: true } as Claim;
  };
  return {
    store: { take, heldBy: () => [] } as unknown as ClaimStore,
    giveBack: async (claims: readonly Claim[]): Promise<void> =>
      void log.push(...claims.map(({ name }) => `gave back ${name}`)),
  };
}

test('takeWishes() waits for more where no address was left, and gives back what it has meanwhile', async () => {
  const log: string[] = [];
  const wishes = wishesOf(['a', 'full'], async () => wishesOf(['a', 'grown']));
  const { claims } = await takeWishes(
    wishes,
    { owner, node: 'n1' },
    storeOf({ full: 'POOL_EXHAUSTED' }, log),
    undefined,
  );
  assert.deepEqual(
    claims.map(({ name }) => name),
    ['a', 'grown'],
  );
  assert.deepEqual(log, ['took a', 'gave back a', 'took a', 'took grown']);
});

test('takeWishes() fails as it did where nothing more comes, and asks for no more where that would not help', async () => {
  const take = (code: IpamErrorCode, more: Wishes['more']) =>
    takeWishes(wishesOf(['x'], more), { owner, node: 'n1' }, storeOf({ x: code }, []), undefined);
  await assert.rejects(
    take('POOL_EXHAUSTED', async () => undefined),
    { code: 'POOL_EXHAUSTED' },
  );
  await assert.rejects(
    take('POOL_NOT_FOR_POD', () => assert.fail()),
    { code: 'POOL_NOT_FOR_POD' },
  );
});
