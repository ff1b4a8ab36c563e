import type { CniDns, CniInterface, CniIp, CniResult } from '#cni';
import type { DeviceInfo } from '#devices';

/** One entry of the network-status annotation, its members in the order in which they are printed. */
export interface NetworkStatus {
  /** `namespace/name` of the NetworkAttachmentDefinition, or the CNI network's name. */
  readonly name: string;
  readonly interface?: string;
  /** Without prefix length. */
  readonly ips?: readonly string[];
  readonly mac?: string;
  readonly mtu?: number;
  readonly default?: true;
  readonly dns: CniDns;
  readonly 'device-info'?: DeviceInfo;
  /** Next hops of the default routes. */
  readonly gateway?: readonly string[];
}

export interface NetworkStatusInput {
  readonly name: string;
  readonly result: CniResult;
  /** Whether this is the pod's default network. */
  readonly isDefault: boolean;
  /** Name for a result without interfaces, as CNI before 0.3.0 had them. */
  readonly ifname?: string;
  /** What is known of the attachment's device. */
  readonly deviceInfo?: DeviceInfo;
}

/**
 * The entries that one attachment's result gives: one for each interface inside the pod, and always at least one.
 * Standard: NPWG multi-network specification 1.3, "Network Attachment Status Annotation".
 */
export function networkStatusEntries(input: NetworkStatusInput): readonly NetworkStatus[] {
  const { result } = input;
  const [only, second] = result.interfaces;
  if (only !== undefined && second === undefined) {
    return [entry(input, isInPod(only) ? only : undefined, result.ips, input.isDefault)];
  }
  const inPod = [...result.interfaces.entries()].filter(([, link]) => isInPod(link));
  if (inPod.length === 0) return [entry(input, undefined, result.ips, input.isDefault)];
  const defaultIndex = input.isDefault ? defaultInterface(result, inPod) : undefined;
  const lastIndex = inPod[inPod.length - 1]?.[0];
  return inPod.map(([index, link]) => {
    const ips = result.ips.filter(ip => (ip.interface ?? lastIndex) === index);
    return entry(input, link, ips, index === defaultIndex);
  });
}

function isInPod(link: CniInterface): boolean {
  return link.sandbox !== undefined && link.sandbox !== '';
}

/** The interface of the first address with a gateway, else the first inside the pod. */
function defaultInterface(result: CniResult, inPod: readonly (readonly [number, CniInterface])[]): number | undefined {
  const isPodIndex = (index: number | undefined) => inPod.some(([candidate]) => candidate === index);
  const routed = result.ips.find(ip => ip.gateway !== undefined && isPodIndex(ip.interface));
  return routed?.interface ?? inPod[0]?.[0];
}

function entry(
  input: NetworkStatusInput,
  link: CniInterface | undefined,
  ips: readonly CniIp[],
  isDefault: boolean,
): NetworkStatus {
  const ifname = link?.name ?? (input.result.interfaces.length === 0 ? input.ifname : undefined);
  const gateways = defaultGateways(input.result);
  return {
    name: input.name,
    ...(ifname === undefined ? {} : { interface: ifname }),
    ...(ips.length === 0 ? {} : { ips: ips.map(ip => withoutLength(ip.address)) }),
    ...(link?.mac === undefined || link.mac === '' ? {} : { mac: link.mac }),
    ...(link?.mtu === undefined || link.mtu === 0 ? {} : { mtu: link.mtu }),
    ...(isDefault ? { default: true } : {}),
    dns: input.result.dns,
    ...(input.deviceInfo === undefined ? {} : { 'device-info': input.deviceInfo }),
    ...(gateways.length === 0 ? {} : { gateway: gateways }),
  };
}

function withoutLength(address: string): string {
  return address.split('/')[0] ?? address;
}

/** A default route without a next hop goes by the first gateway of its family, as the interface plugins set it up. */
function defaultGateways(result: CniResult): readonly string[] {
  const gateways: string[] = [];
  for (const route of result.routes) {
    if (!/^(0\.0\.0\.0|::)\/0$/.test(route.dst)) continue;
    const isIpv6 = route.dst.includes(':');
    const fallback = result.ips.find(ip => ip.gateway !== undefined && ip.address.includes(':') === isIpv6);
    const gateway = route.gw ?? fallback?.gateway;
    if (gateway !== undefined && !gateways.includes(gateway)) gateways.push(gateway);
  }
  return gateways;
}
