import { type Annotation, podAnnotations } from '../dialects/kube-ovn/pod-annotations.ts';
import type { PodInterface } from './wishes.ts';

/**
 * The MAC address that a pod's annotation asks for in the words of an ipam's dialect: Kube-OVN has one beside the address. Not
 * the dialect's to give: whoever makes the interface has to.
 * @param ipam type of the network's ipam
 */
export function annotatedMac(
  ipam: string,
  annotations: Readonly<Record<string, string>>,
  own: PodInterface,
  interfaces: readonly PodInterface[],
): Annotation | undefined {
  const [namespace, name] = own.nad?.split('/') ?? [];
  if (ipam !== 'kube-ovn' || namespace === undefined || name === undefined) return undefined;
  const provider = `${name}.${namespace}`;
  return podAnnotations({ annotations, provider, interface: own, interfaces }).find('mac_address');
}
