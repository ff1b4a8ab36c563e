import { IpamError } from '../../errors.ts';
import type { SpiderpoolIpam } from '../../ipam-config.ts';
import type { WishContext, Wishes } from '../../wishes.ts';

/** What an attachment is to get of Spiderpool's pools. @throws IpamError; ApiError */
export async function spiderpoolWishes(_ipam: SpiderpoolIpam, { source }: WishContext): Promise<Wishes> {
  throw new IpamError('UNKNOWN_IPAM', `Cannot use ipam of ${source}: type "spiderpool" is not there yet`);
}
