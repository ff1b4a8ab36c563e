import { findIp, findPrefix } from '#ip';
import { IpamError } from '../../errors.ts';
import type { Wish, WishContext } from '../../wishes/wishes.ts';
import { someOf } from './some-of.ts';

/**
 * Gives the addresses that the pod asks for to the wishes of their family. IP of CNI_ARGS means nothing, as in Spiderpool.
 * @throws IpamError ADDRESS_OUTSIDE_POOL for more of a family than pools give
 */
export function withAsked(
  wishes: readonly Wish[],
  { asked, source }: Pick<WishContext, 'asked' | 'source'>,
): readonly Wish[] {
  const open = new Map(wishes.map(wish => [wish.pools[0]?.family, wish]));
  const met = new Map<Wish, string>();
  for (const address of asked.ips) {
    const family = (findPrefix(address) ?? findIp(address))?.family;
    const wish = open.get(family);
    if (wish === undefined) {
      const families = wishes.map(({ pools }) => `IPv${pools[0]?.family}`).join(' and one ');
      throw new IpamError(
        'ADDRESS_OUTSIDE_POOL',
        `Cannot take addresses for ${source}: ips holds ${someOf(asked.ips, ', ')}, expected at most one ${families} address, as many as its pools give`,
        { details: { address } },
      );
    }
    open.delete(family);
    met.set(wish, address);
  }
  return wishes.map(wish => {
    const address = met.get(wish);
    return address === undefined ? wish : { ...wish, address };
  });
}
