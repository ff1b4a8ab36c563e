import type { Pod } from '#api';
import type { PodInterface } from '#ipam';
import {
  assignInterfaceNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORKS_ANNOTATION,
  type NetworkSelection,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
} from '#networks';

/** One of a pod's interfaces, as far as its annotations tell. */
export interface AskedAttachment {
  readonly ifname: string;
  /** undefined: only the node knows. */
  readonly selection: NetworkSelection | undefined;
}

/** Where the networks that annotations leave out, or name without a namespace, are. */
export interface NetworkPlaces {
  /** The nodes' default network, where it is a NetworkAttachmentDefinition. */
  readonly clusterNetwork?: { readonly namespace: string; readonly name: string };
  /** Where the default-network annotation's networks without a namespace are looked for. @default 'kube-system' */
  readonly multusNamespace?: string;
}

/** What runtimes call a pod's default interface. */
const DEFAULT_INTERFACE = 'eth0';
const MULTUS_NAMESPACE = 'kube-system';

/** A pod's interfaces in order, by its annotations. @throws NetworksError for those that cannot be read */
export function askedAttachments(
  pod: Pod,
  { clusterNetwork, multusNamespace = MULTUS_NAMESPACE }: NetworkPlaces = {},
): readonly AskedAttachment[] {
  const { annotations = {}, namespace = 'default' } = pod.metadata;
  const [first = clusterNetwork] = parseDefaultNetworkAnnotation(
    annotations[DEFAULT_NETWORK_ANNOTATION] ?? '',
    multusNamespace,
  ).networks;
  const { networks } = parseNetworksAnnotation(annotations[NETWORKS_ANNOTATION] ?? '', namespace);
  const names = assignInterfaceNames(networks, [DEFAULT_INTERFACE]);
  return [
    { ifname: DEFAULT_INTERFACE, selection: first },
    ...networks.map((selection, index) => ({ ifname: names[index] ?? '', selection })),
  ];
}

/** The same as dialects of addresses see them. */
export function askedInterfaces(attachments: readonly AskedAttachment[]): readonly PodInterface[] {
  return attachments.map(({ ifname, selection }) => ({
    name: ifname,
    ...(selection === undefined ? {} : { nad: nadOf(selection) }),
  }));
}

/** `namespace/name` */
export function nadOf({ namespace, name }: NetworkSelection): string {
  return `${namespace}/${name}`;
}
