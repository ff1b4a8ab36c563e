import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { type LinkKindName, type NftFamily, openRouteSocket, readLinkKinds, readNftFamilies } from '#netlink';

const NAMESPACE_KINDS = ['net', 'mnt', 'pid', 'user'] as const;

export type NamespaceKind = (typeof NAMESPACE_KINDS)[number];

/** What the running kernel can do, of what Underlane asks kernels for. */
export interface KernelCapabilities {
  /** As `uname -r` says. */
  readonly release: string;
  readonly linkKinds: Readonly<Record<LinkKindName, boolean>>;
  readonly nftFamilies: Readonly<Record<NftFamily, boolean>>;
  readonly ipv6: boolean;
  /** `user`: that ordinary users may make one. */
  readonly namespaces: Readonly<Record<NamespaceKind, boolean>>;
}

/**
 * Asks the kernel. Makes nothing, but loads the modules that making such a thing would load.
 *
 * @throws NetlinkError EPERM where the process may not administrate its network namespace
 */
export function readKernelCapabilities(): KernelCapabilities {
  using socket = openRouteSocket();
  return {
    release: release(),
    linkKinds: readLinkKinds(socket),
    nftFamilies: readNftFamilies(),
    // Gone as well where the kernel was booted with ipv6.disable=1.
    ipv6: existsSync('/proc/sys/net/ipv6/conf'),
    namespaces: {
      net: hasNamespace('net'),
      mnt: hasNamespace('mnt'),
      pid: hasNamespace('pid'),
      user: hasNamespace('user') && mayUsersMakeNamespaces(),
    },
  };
}

function hasNamespace(kind: NamespaceKind): boolean {
  return existsSync(`/proc/self/ns/${kind}`);
}

/** The second of these is Debian's and Ubuntu's own. */
function mayUsersMakeNamespaces(): boolean {
  return ['user/max_user_namespaces', 'kernel/unprivileged_userns_clone'].every(name => {
    const path = `/proc/sys/${name}`;
    return !existsSync(path) || readFileSync(path, 'utf8').trim() !== '0';
  });
}
