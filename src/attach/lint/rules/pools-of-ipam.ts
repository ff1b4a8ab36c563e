import { KUBE_OVN_SUBNETS, SPIDER_IP_POOLS } from '#api';
import { loadSpiderpoolObjects } from '#ipam';
import type { IpamRule } from './ipam-rule.ts';

/** `default_ipv4_ippool` and `default_ipv6_ippool`: pools that are none of those that are known. */
export async function spiderpoolIpamRule(): Promise<IpamRule> {
  const { compileWildcard } = await loadSpiderpoolObjects();
  return (ipam, _nad, known) => {
    const all = known.list(SPIDER_IP_POOLS).map(({ metadata }) => metadata.name);
    // Files without any say nothing about which there are.
    if (ipam['type'] !== 'spiderpool' || all.length === 0) return [];
    return ['default_ipv4_ippool', 'default_ipv6_ippool'].flatMap(field => {
      const names = ipam[field];
      return (Array.isArray(names) ? names : []).flatMap((name, index) => {
        if (typeof name !== 'string') return [];
        const means = compileWildcard(name) ?? (other => other === name);
        if (all.some(means)) return [];
        const message = `ipam: ${field}[${index}] is "${name}", none of the SpiderIPPools that are known here: ${all.join(', ')}`;
        return [{ path: [field, index], message }];
      });
    });
  };
}

/** A network whose addresses are of a Subnet that has it as provider: one that none has. */
export const kubeOvnIpamRule: IpamRule = (ipam, { namespace, name }, known) => {
  const all = known.list(KUBE_OVN_SUBNETS);
  const provider = `${name}.${namespace}`;
  if (ipam['type'] !== 'kube-ovn' || all.length === 0 || all.some(({ spec }) => spec.provider === provider)) return [];
  const names = all.map(({ metadata }) => metadata.name).join(', ');
  return [
    {
      path: ['type'],
      message: `ipam: provider ${provider} is not bound to any of the Subnets that are known here: ${names}`,
    },
  ];
};
