import type { NftField } from '#facts';
import type { NftItem } from '#wiring';
import { connectedPrefix, parseAddressText } from './address-text.ts';
import { type NftChainSpec, nftChainItems, nftRuleItem } from './nft-chain-items.ts';
import type { AttachmentSpec, IpamResult } from './plugin.ts';

const CHAIN: NftChainSpec = {
  family: 'inet',
  name: 'pod-masquerade',
  // `srcnat`, where source addresses are changed.
  base: { type: 'nat', hook: 'postrouting', priority: 100, policy: 'accept' },
};

const FIELDS: Readonly<Record<4 | 6, { readonly from: NftField; readonly to: NftField; readonly multicast: string }>> =
  {
    4: { from: 'ip saddr', to: 'ip daddr', multicast: '224.0.0.0/4' },
    6: { from: 'ip6 saddr', to: 'ip6 daddr', multicast: 'ff00::/8' },
  };

/**
 * What a pod sends to others than its own subnet leaves the node with the node's address: nobody else knows the way back
 * to the pod's.
 */
export function masqueradeItems(attachment: AttachmentSpec, ipam: IpamResult): readonly NftItem[] {
  const rules = ipam.ips.map(ip => {
    const { family, text, bare } = parseAddressText(attachment.ifname, ip.address);
    const { from, to, multicast } = FIELDS[family];
    return nftRuleItem(CHAIN, attachment, bare, [
      { kind: 'match', field: from, value: bare },
      { kind: 'match', field: to, value: connectedPrefix(text), isNot: true },
      { kind: 'match', field: to, value: multicast, isNot: true },
      { kind: 'masquerade' },
    ]);
  });
  return [...nftChainItems(CHAIN), ...rules];
}
