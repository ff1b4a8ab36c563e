import type { NftItem } from '#wiring';
import { type NftChainSpec, nftChainItems, nftRuleItem } from '../nft-chain-items.ts';
import type { AttachmentSpec } from '../plugin.ts';

const CHAIN: NftChainSpec = {
  family: 'bridge',
  name: 'mac-spoof',
  // Before everything else that looks at frames: where the reference plugin has it.
  base: { type: 'filter', hook: 'prerouting', priority: -300, policy: 'accept' },
};

/** What comes by the pod's port from any other MAC than the pod's is dropped before the bridge learns it. */
export function macSpoofCheck(attachment: AttachmentSpec, port: string, mac: string): readonly NftItem[] {
  return [
    ...nftChainItems(CHAIN),
    nftRuleItem(CHAIN, attachment, port, [
      { kind: 'match', field: 'iifname', value: port },
      { kind: 'match', field: 'ether saddr', value: mac, isNot: true },
      { kind: 'drop' },
    ]),
  ];
}
