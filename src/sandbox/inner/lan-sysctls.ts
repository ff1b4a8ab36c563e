import type { Topology } from '../topology.ts';

type Sysctls = Readonly<Record<string, string>>;

/** What the namespace that holds the bridges needs before it has any. */
export function gatewaySysctls({ families }: Topology): Sysctls {
  return {
    'net/ipv4/ip_forward': '1',
    ...(families.includes('IPv6') ? { ...withIpv6(['default']), 'net/ipv6/conf/all/forwarding': '1' } : {}),
  };
}

/**
 * What a machine needs whose NICs are still down. A new namespace may start with IPv6 off, as this machine's settings have it; nobody
 * here tells routes by advertisements; and the machines stand for ones that have been up for long, whose link-local addresses are settled.
 */
export function nicSysctls({ families }: Topology, nics: readonly string[]): Sysctls {
  return families.includes('IPv6') ? withIpv6(nics) : {};
}

function withIpv6(confs: readonly string[]): Sysctls {
  const own = confs.flatMap(conf => ['accept_ra', 'accept_dad'].map(key => [`net/ipv6/conf/${conf}/${key}`, '0']));
  return { 'net/ipv6/conf/all/disable_ipv6': '0', ...Object.fromEntries(own) };
}
