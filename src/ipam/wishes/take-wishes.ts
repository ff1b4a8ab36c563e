import type { ClaimOwner } from '#api';
import { codeOf } from '#base';
import type { Claim, ClaimStore } from '../store/claim-store.ts';
import type { Wishes } from './wishes.ts';
import { worthTrying } from './worth-trying.ts';

/** Claims of all slots, and which of them did not exist before. */
export interface TakenWishes {
  readonly claims: readonly Claim[];
  readonly fresh: readonly Claim[];
}

/** Somebody else has, or there is none of, what one alternative asks for: another may do. */
const NEXT_CODES = ['ADDRESS_TAKEN', 'POOL_EXHAUSTED'];

/**
 * Takes the first alternative whose every wish can be met, one that the owner holds already before others, and passes by those of
 * which others are known to have an address.
 * @param giveBack gets claims that were taken in vain
 * @throws the first failure of the first one that was tried; nothing is left then but what `giveBack` could not give back
 */
export async function takeWishes(
  {
    alternatives,
    workload,
    isMigration = false,
    more,
  }: Pick<Wishes, 'alternatives' | 'workload' | 'isMigration' | 'more'>,
  holder: { readonly owner: Omit<ClaimOwner, 'slot'>; readonly node: string },
  deps: { readonly store: ClaimStore; giveBack(claims: readonly Claim[]): Promise<void> },
  signal: AbortSignal | undefined,
): Promise<TakenWishes> {
  const { store, giveBack } = deps;
  const owner = workload === undefined ? holder.owner : { ...holder.owner, workload };
  let failure: unknown;
  for await (const wishes of worthTrying(alternatives, owner, store, signal)) {
    const outcomes = await Promise.allSettled(
      wishes.map((wish, slot) =>
        store.take({ ...wish, owner: { ...owner, slot }, node: holder.node, isMigration }, signal),
      ),
    );
    const claims = outcomes.flatMap(outcome => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    const fresh = claims.filter(claim => claim.isNew);
    const failed = outcomes.find(outcome => outcome.status === 'rejected');
    if (failed === undefined) return { claims, fresh };
    await giveBack(fresh);
    failure ??= failed.reason;
    if (!NEXT_CODES.includes(codeOf(failed.reason) ?? '')) break;
  }
  const later = codeOf(failure) === 'POOL_EXHAUSTED' ? await more?.(signal) : undefined;
  if (later === undefined) throw failure;
  return takeWishes({ ...later, isMigration }, holder, deps, signal);
}
