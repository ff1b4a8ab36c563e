import type { ClaimOwner } from '#api';
import { findIp, has } from '#ip';
import { addressAlone } from '../store/claim-object.ts';
import type { ClaimStore } from '../store/claim-store.ts';
import type { Wish } from './wishes.ts';

/** What choosing among alternatives asks of the store. */
export type AlternativeSources = Pick<ClaimStore, 'heldBy' | 'isTaken' | 'survey'>;

/** So many alternatives are lost to others before it is asked which ones they have. */
const PATIENCE = 2;

/**
 * Alternatives in the order in which they are worth trying, for somebody who goes on to the next one where one has failed. First
 * what the owner has already, then in their own order those of which nobody is known to have an address. Who loses some, or knows
 * none that is free, asks which are held, so that a list that is full costs a look and not a call for each of its entries. At least
 * one comes: its failure says who has the address.
 */
export async function* worthTrying(
  alternatives: readonly (readonly Wish[])[],
  owner: Omit<ClaimOwner, 'slot'>,
  store: AlternativeSources,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Wish[], void> {
  if (alternatives.length < 2) return yield* alternatives;
  const held = await store.heldBy(owner, signal);
  const isOwn = (wishes: readonly Wish[]): boolean => wishes.some(wish => held.some(address => grants(wish, address)));
  const own = alternatives.filter(isOwn);
  yield* own;
  let left = alternatives.filter(wishes => !isOwn(wishes));
  let isAnyTried = own.length > 0;
  for (const extent of [undefined, 'pool', 'scope'] as const) {
    if (extent !== undefined) await store.survey(poolsOf(left), extent);
    const tried = new Set<readonly Wish[]>();
    let lost = 0;
    let isGivenUp = false;
    for (const wishes of left) {
      if (wishes.some(wish => store.isTaken(wish))) continue;
      isGivenUp = extent !== 'scope' && lost === PATIENCE;
      if (isGivenUp) break;
      tried.add(wishes);
      yield wishes;
      if (namesAddress(wishes)) lost++;
    }
    isAnyTried ||= tried.size > 0;
    left = left.filter(wishes => !tried.has(wishes));
    // What is left then is held, as somebody said who was asked just now.
    if (left.length === 0 || (extent !== undefined && !isGivenUp)) break;
  }
  const [first] = alternatives;
  if (!isAnyTried && first !== undefined) yield first;
}

function namesAddress(wishes: readonly Wish[]): boolean {
  return wishes.some(({ address }) => address !== undefined);
}

function poolsOf(alternatives: readonly (readonly Wish[])[]): readonly Wish['pools'][number][] {
  return alternatives.flatMap(wishes => wishes.flatMap(({ pools, address }) => (address === undefined ? [] : pools)));
}

/** Whether an address, once it is the owner's, is what a wish asks for. */
function grants({ pools, address: asked }: Wish, held: string): boolean {
  const [ip, wanted] = [findIp(held), asked === undefined ? undefined : findIp(addressAlone(asked))];
  if (ip === undefined) return false;
  if (asked !== undefined) return wanted?.family === ip.family && wanted.value === ip.value;
  return pools.some(
    ({ family, usable, kept = [] }) => family === ip.family && (has(usable, ip.value) || has(kept, ip.value)),
  );
}
