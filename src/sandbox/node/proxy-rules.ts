import { type Family, familyOf, hostPort } from '../family.ts';
import { type EndpointSlice, SERVICE_NAME_LABEL, type Service, type ServicePort } from '../resources.ts';

/** nft's name of the table family and of the header. */
const IP = { IPv4: 'ip', IPv6: 'ip6' };
const LOOPBACK = { IPv4: '127.0.0.0/8', IPv6: '::1' };

/** Marks what is to leave with the node's own address. */
const MASQUERADE_MARK = '0x4000';

interface Port {
  readonly title: string;
  readonly protocol: string;
  readonly clusterIp: string;
  readonly port: number;
  readonly nodePort: number | undefined;
  readonly endpoints: readonly Endpoint[];
}

interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/**
 * The ruleset that makes Services of one family work on a node, for `nft -f`: replaces the family's whole table in one transaction.
 *
 * As kube-proxy with `--cluster-cidr` and the Cluster traffic policy: a request leaves with the node's address when it came
 * to a NodePort, when it came to a ClusterIP from outside the pod networks, or when a pod reaches itself through its Service.
 */
export function proxyRules(
  family: Family,
  services: readonly Service[],
  slices: readonly EndpointSlice[],
  clusterCidr: string,
): string {
  const ip = IP[family];
  const ports = services
    .flatMap(service => servicePorts(family, service, slices))
    .sort((a, b) => (a.title < b.title ? -1 : 1));
  return `${[
    `table ${ip} kube-proxy`,
    `delete table ${ip} kube-proxy`,
    `table ${ip} kube-proxy {`,
    ...hook('nat-prerouting', 'nat', 'prerouting', 'dstnat', ['jump services']),
    ...hook('nat-output', 'nat', 'output', '-100', ['jump services']),
    ...hook('nat-postrouting', 'nat', 'postrouting', 'srcnat', [
      `meta mark and ${MASQUERADE_MARK} == 0 return`,
      `meta mark set mark xor ${MASQUERADE_MARK}`,
      'masquerade fully-random',
    ]),
    ...['forward', 'input', 'output'].flatMap(where =>
      hook(`filter-${where}`, 'filter', where, 'filter', ['ct state new jump no-endpoints']),
    ),
    ...chain('services', ports.flatMap(dispatchRules)),
    ...chain('no-endpoints', ports.flatMap(rejectRules)),
    ...ports.flatMap((port, index) => portChains(port, index, clusterCidr)),
    '}',
  ].join('\n')}\n`;
}

function dispatchRules(port: Port, index: number): string[] {
  if (port.endpoints.length === 0) return [];
  return matches(port).map((match, kind) => `${match} goto ${kind === 0 ? 'cluster' : 'external'}-${index}`);
}

/**
 * Unlike kube-proxy, which refuses by ICMP: the kernel limits how many of those one client gets, and here, where client and node are one
 * machine, a client's connect() is told before it listens. Who hears no refusal waits 1 s to send its SYN again.
 */
function rejectRules(port: Port): string[] {
  if (port.endpoints.length > 0) return [];
  const how = port.protocol === 'tcp' ? 'reject with tcp reset' : 'reject';
  return matches(port).map(match => `${match} ${how}`);
}

/** First the ClusterIP, then the NodePort where there is one. */
function matches({ clusterIp, protocol, port, nodePort }: Port): string[] {
  const family = familyOf(clusterIp);
  const ip = IP[family];
  return [
    `${ip} daddr ${clusterIp} ${protocol} dport ${port}`,
    ...(nodePort === undefined
      ? []
      : [`fib daddr type local ${ip} daddr != ${LOOPBACK[family]} ${protocol} dport ${nodePort}`]),
  ];
}

function portChains({ title, protocol, endpoints }: Port, index: number, clusterCidr: string): string[] {
  if (endpoints.length === 0) return [];
  const ip = IP[familyOf(clusterCidr)];
  const mark = `meta mark set mark or ${MASQUERADE_MARK}`;
  const choices = endpoints.map((_, which) => `${which} : goto endpoint-${index}-${which}`).join(', ');
  return [
    `  # ${title}`,
    ...chain(`cluster-${index}`, [`${ip} saddr != ${clusterCidr} ${mark}`, `goto balance-${index}`]),
    ...chain(`external-${index}`, [mark, `goto balance-${index}`]),
    ...chain(`balance-${index}`, [`numgen random mod ${endpoints.length} vmap { ${choices} }`]),
    ...endpoints.flatMap(({ address, port }, which) =>
      chain(`endpoint-${index}-${which}`, [
        `${ip} saddr ${address} ${mark}`,
        `meta l4proto ${protocol} dnat to ${hostPort(address, port)}`,
      ]),
    ),
  ];
}

function servicePorts(family: Family, service: Service, slices: readonly EndpointSlice[]): Port[] {
  const { namespace, name } = service.metadata;
  const { clusterIP, clusterIPs = clusterIP === undefined ? [] : [clusterIP] } = service.spec;
  const clusterIp = clusterIPs.find(address => address !== '' && address !== 'None' && familyOf(address) === family);
  if (clusterIp === undefined) return [];
  const own = slices.filter(
    ({ metadata, addressType }) =>
      addressType === family && metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME_LABEL] === name,
  );
  return (service.spec.ports ?? []).map(port => ({
    title: `${namespace}/${name}:${port.name ?? port.port}`,
    protocol: (port.protocol ?? 'TCP').toLowerCase(),
    clusterIp,
    port: port.port,
    nodePort: port.nodePort,
    endpoints: own.flatMap(slice => portEndpoints(slice, port)),
  }));
}

/** An endpoint that does not say whether it is ready is. */
function portEndpoints({ ports = [], endpoints = [] }: EndpointSlice, servicePort: ServicePort): Endpoint[] {
  const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
  return ports
    .filter(port => (port.name ?? '') === (servicePort.name ?? ''))
    .flatMap(({ port }) => ready.flatMap(({ addresses }) => addresses.map(address => ({ address, port }))));
}

function hook(name: string, type: string, where: string, priority: string, rules: readonly string[]): string[] {
  return chain(name, [`type ${type} hook ${where} priority ${priority}`, ...rules]);
}

function chain(name: string, rules: readonly string[]): string[] {
  return [`  chain ${name} {`, ...rules.map(rule => `    ${rule}`), '  }'];
}
