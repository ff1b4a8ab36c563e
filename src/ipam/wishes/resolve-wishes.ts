import type { Pod } from '#api';
import type { HostLocalIpam, IpamConfig } from '../config/ipam-config.ts';
import { mayMigrate } from '../store/claim-owner.ts';
import { configuredWishes } from './configured-wishes.ts';
import type { WishContext, Wishes } from './wishes.ts';

/**
 * What an attachment is to get. Dialects that ask the cluster are loaded where a network is of theirs.
 * @throws IpamError what is wrong with the configuration, the pod's annotations or the cluster's pools; ApiError
 */
export async function resolveWishes(ipam: Exclude<IpamConfig, HostLocalIpam>, context: WishContext): Promise<Wishes> {
  const wishes = await wishesOf(ipam, context);
  return mayMigrate(wishes) && isMigrationTarget(context.pod) ? { ...wishes, isMigration: true } : wishes;
}

async function wishesOf(ipam: Exclude<IpamConfig, HostLocalIpam>, context: WishContext): Promise<Wishes> {
  if (ipam.dialect === 'spiderpool') {
    const { spiderpoolWishes } = await import('../dialects/spiderpool/spiderpool-wishes.ts');
    return spiderpoolWishes(ipam, context);
  }
  if (ipam.dialect === 'kube-ovn') {
    const { kubeOvnWishes } = await import('../dialects/kube-ovn/kube-ovn-wishes.ts');
    return kubeOvnWishes(ipam, context);
  }
  return configuredWishes(ipam, context);
}

/** As KubeVirt marks the pod that it makes for a migration. */
function isMigrationTarget(pod: Pod | undefined): boolean {
  const { annotations = {}, labels = {} } = pod?.metadata ?? {};
  return (
    annotations['kubevirt.io/migrationJobName'] !== undefined || labels['kubevirt.io/migrationJobUID'] !== undefined
  );
}
