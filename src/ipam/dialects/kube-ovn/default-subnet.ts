import type { KubeOvnSubnet } from '#api';
import { type Family, formatIp, formatPrefix, type Interval, normalise } from '#ip';
import { readSpan } from './address-span.ts';
import { isOvnProvider } from './is-ovn-provider.ts';
import { readSubnet, type SubnetNetwork } from './subnet-networks.ts';

/**
 * A Subnet as it is meant, as Kube-OVN writes it back: networks without host bits, their protocol, a gateway for each, and
 * excludeIps merged, in order, with the gateways among them. One that cannot be read, or is an OVN network's, stays as it is.
 */
export function defaultKubeOvnSubnet(subnet: KubeOvnSubnet): KubeOvnSubnet {
  const { networks } = readSubnet(subnet);
  if (networks.length === 0 || isOvnProvider(subnet.spec.provider)) return subnet;
  const texts = (of: (network: SubnetNetwork) => string): string => networks.map(of).join(',');
  return {
    ...subnet,
    spec: {
      ...subnet.spec,
      protocol: networks.length === 2 ? 'Dual' : networks[0]?.family === 6 ? 'IPv6' : 'IPv4',
      cidrBlock: texts(({ prefix }) => formatPrefix(prefix)),
      gateway: texts(({ family, gateway }) => formatIp({ family, value: gateway })),
      excludeIps: [
        ...networks.flatMap(network => mergeExcluded(network, subnet.spec.excludeIps ?? [])),
        ...otherFamilies(networks, subnet.spec.excludeIps ?? []),
      ],
    },
  };
}

function mergeExcluded({ family, gateway }: SubnetNetwork, list: readonly string[]): readonly string[] {
  const spans = list.flatMap(text => {
    const reading = readSpan(text);
    return 'span' in reading && reading.span.family === family ? [reading.span] : [];
  });
  return normalise([...spans, { first: gateway, last: gateway }]).map(interval => formatSpan(family, interval));
}

/** What does nothing yet, and would if the Subnet had that family, too. */
function otherFamilies(networks: readonly SubnetNetwork[], list: readonly string[]): readonly string[] {
  return list.filter(text => {
    const reading = readSpan(text);
    return 'span' in reading && !networks.some(({ family }) => family === reading.span.family);
  });
}

/** As people write it: `a..b`. */
function formatSpan(family: Family, { first, last }: Interval): string {
  const from = formatIp({ family, value: first });
  return first === last ? from : `${from}..${formatIp({ family, value: last })}`;
}
