import { IpamError } from '../../errors.ts';
import type { KubeOvnIpam } from '../../ipam-config.ts';
import type { WishContext, Wishes } from '../../wishes.ts';

/** What an attachment is to get of KubeOvn's pools. @throws IpamError; ApiError */
export async function kubeOvnWishes(_ipam: KubeOvnIpam, { source }: WishContext): Promise<Wishes> {
  throw new IpamError('UNKNOWN_IPAM', `Cannot use ipam of ${source}: type "kube-ovn" is not there yet`);
}
