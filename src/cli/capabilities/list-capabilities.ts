import type { KernelCapabilities, LinkKindName, NamespaceKind, NftFamily } from '#facts';

/** A line of the table. */
export interface Capability {
  readonly name: string;
  readonly isPresent: boolean;
  readonly neededBy: string;
  /** What to do where it is missing. */
  readonly cure: string;
}

interface Need {
  readonly neededBy: string;
  /** Module that has it, where it can be one. */
  readonly module?: string;
  /** The kernel's build option. */
  readonly option: string;
}

const NOT_MADE = 'hosts that have one; no plugin makes it';

const LINK_KIND_NEEDS: Readonly<Record<LinkKindName, Need>> = {
  bond: { neededBy: NOT_MADE, module: 'bonding', option: 'CONFIG_BONDING' },
  bridge: { neededBy: 'bridge', module: 'bridge', option: 'CONFIG_BRIDGE' },
  dummy: { neededBy: 'dummy', module: 'dummy', option: 'CONFIG_DUMMY' },
  ipvlan: { neededBy: 'ipvlan', module: 'ipvlan', option: 'CONFIG_IPVLAN' },
  macvlan: { neededBy: 'macvlan', module: 'macvlan', option: 'CONFIG_MACVLAN' },
  veth: { neededBy: 'veth, bridge, ptp, sandbox', module: 'veth', option: 'CONFIG_VETH' },
  vlan: { neededBy: 'vlan', module: '8021q', option: 'CONFIG_VLAN_8021Q' },
  vrf: { neededBy: NOT_MADE, module: 'vrf', option: 'CONFIG_NET_VRF' },
  vxlan: { neededBy: NOT_MADE, module: 'vxlan', option: 'CONFIG_VXLAN' },
};

const NFT_FAMILY_NEEDS: Readonly<Record<NftFamily, Need>> = {
  inet: { neededBy: 'ipMasq of bridge and ptp', module: 'nf_tables', option: 'CONFIG_NF_TABLES_INET' },
  ip: { neededBy: 'sandbox: its service proxy', module: 'nf_tables', option: 'CONFIG_NF_TABLES_IPV4' },
  ip6: { neededBy: 'sandbox: its service proxy', module: 'nf_tables', option: 'CONFIG_NF_TABLES_IPV6' },
  bridge: { neededBy: 'macspoofchk of bridge', module: 'nf_tables', option: 'CONFIG_NF_TABLES_BRIDGE' },
};

const NAMESPACE_NEEDS: Readonly<Record<NamespaceKind, Need>> = {
  net: { neededBy: 'every pod', option: 'CONFIG_NET_NS' },
  mnt: { neededBy: 'sandbox, tests', option: 'CONFIG_NAMESPACES' },
  pid: { neededBy: 'sandbox, tests', option: 'CONFIG_PID_NS' },
  user: { neededBy: 'sandbox and tests without root', option: 'CONFIG_USER_NS' },
};

const USER_NAMESPACE_CURE =
  'sysctl -w user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1, or a kernel with CONFIG_USER_NS';

/** What was found, with what needs it and what helps where it is missing. Pure. */
export function listCapabilities({
  linkKinds,
  nftFamilies,
  ipv6,
  namespaces,
}: KernelCapabilities): readonly Capability[] {
  return [
    ...describe('link kind', linkKinds, LINK_KIND_NEEDS),
    ...describe('nftables family', nftFamilies, NFT_FAMILY_NEEDS),
    {
      name: 'IPv6',
      isPresent: ipv6,
      neededBy: 'IPv6 addresses',
      cure: 'boot without ipv6.disable=1, with a kernel with CONFIG_IPV6',
    },
    ...describe('namespace', namespaces, NAMESPACE_NEEDS).map(item =>
      item.name === 'namespace user' ? { ...item, cure: USER_NAMESPACE_CURE } : item,
    ),
  ];
}

function describe<Name extends string>(
  group: string,
  found: Readonly<Record<Name, boolean>>,
  needs: Readonly<Record<Name, Need>>,
): readonly Capability[] {
  // `as`: Object.keys() widens the names.
  return (Object.keys(needs) as Name[]).map(name => ({
    name: `${group} ${name}`,
    isPresent: found[name],
    neededBy: needs[name].neededBy,
    cure: cureOf(needs[name]),
  }));
}

function cureOf({ module, option }: Need): string {
  return module === undefined ? `a kernel with ${option}` : `modprobe ${module}, or a kernel with ${option}`;
}
