import type { NetworkAttachmentDefinition, Pod } from '#api';
import type { KubeClient, WatchCache } from '#kube';
import { assignInterfaceNames, NETWORKS_ANNOTATION, parseNetworksAnnotation } from '#networks';
import type { AttachmentPlan } from '../../../src/attach/resolve/attachment-plan.ts';
import { parseChain } from '../../../src/attach/resolve/chain.ts';
import { networkOfNad } from '../../../src/attach/resolve/find-network.ts';
import { NAMESPACE } from '../cluster/cluster-objects.ts';

/** Parsed once: runs have few configurations, and many ADDs. */
const chains = new Map<string, AttachmentPlan['chain']>();

/** The attachments that a pod's annotation asks for; its default network takes no claims here. */
export async function planNetworks(
  pod: Pod,
  nads: { readonly cache: WatchCache<NetworkAttachmentDefinition>; readonly client: KubeClient },
  signal: AbortSignal,
): Promise<readonly AttachmentPlan[]> {
  const { networks } = parseNetworksAnnotation(pod.metadata.annotations?.[NETWORKS_ANNOTATION] ?? '', NAMESPACE);
  const names = assignInterfaceNames(networks, ['eth0']);
  return Promise.all(
    networks.map(async (selection, index) => {
      const found = await networkOfNad(selection, '', { confDir: '', nads }, signal);
      const text = JSON.stringify(found.config.raw);
      const chain = chains.get(text) ?? parseChain(found.config, { source: found.source, lacksKind: () => false });
      chains.set(text, chain);
      return {
        network: found.config,
        nad: `${selection.namespace}/${selection.name}`,
        ifname: names[index] ?? '',
        chain,
        isDefault: false,
        asked: { ips: [] },
        capabilityArgs: {},
        devices: [],
        ...(selection.ipamClaim === undefined ? {} : { ipamClaim: selection.ipamClaim }),
      };
    }),
  );
}
