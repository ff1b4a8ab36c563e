import type { Endpoints, Service, ServicePort } from '../resources.ts';

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
  readonly ip: string;
  readonly port: number;
}

/**
 * The ruleset that makes Services work on a node, for `nft -f`: replaces the whole table in one transaction.
 *
 * As kube-proxy with `--cluster-cidr` and the Cluster traffic policy: a request leaves with the node's address when it came
 * to a NodePort, when it came to a ClusterIP from outside the pod networks, or when a pod reaches itself through its Service.
 */
export function proxyRules(services: readonly Service[], endpoints: readonly Endpoints[], clusterCidr: string): string {
  const ports = services
    .flatMap(service => servicePorts(service, endpoints))
    .sort((a, b) => (a.title < b.title ? -1 : 1));
  return `${[
    'table ip kube-proxy',
    'delete table ip kube-proxy',
    'table ip kube-proxy {',
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

function rejectRules(port: Port): string[] {
  return port.endpoints.length === 0 ? matches(port).map(match => `${match} reject`) : [];
}

/** First the ClusterIP, then the NodePort where there is one. */
function matches({ clusterIp, protocol, port, nodePort }: Port): string[] {
  return [
    `ip daddr ${clusterIp} ${protocol} dport ${port}`,
    ...(nodePort === undefined ? [] : [`fib daddr type local ip daddr != 127.0.0.0/8 ${protocol} dport ${nodePort}`]),
  ];
}

function portChains({ title, protocol, endpoints }: Port, index: number, clusterCidr: string): string[] {
  if (endpoints.length === 0) return [];
  const mark = `meta mark set mark or ${MASQUERADE_MARK}`;
  const choices = endpoints.map((_, which) => `${which} : goto endpoint-${index}-${which}`).join(', ');
  return [
    `  # ${title}`,
    ...chain(`cluster-${index}`, [`ip saddr != ${clusterCidr} ${mark}`, `goto balance-${index}`]),
    ...chain(`external-${index}`, [mark, `goto balance-${index}`]),
    ...chain(`balance-${index}`, [`numgen random mod ${endpoints.length} vmap { ${choices} }`]),
    ...endpoints.flatMap(({ ip, port }, which) =>
      chain(`endpoint-${index}-${which}`, [`ip saddr ${ip} ${mark}`, `meta l4proto ${protocol} dnat to ${ip}:${port}`]),
    ),
  ];
}

function servicePorts(service: Service, endpoints: readonly Endpoints[]): Port[] {
  const { namespace, name } = service.metadata;
  const { clusterIP } = service.spec;
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') return [];
  const own = endpoints.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  return (service.spec.ports ?? []).map(port => ({
    title: `${namespace}/${name}:${port.name ?? port.port}`,
    protocol: (port.protocol ?? 'TCP').toLowerCase(),
    clusterIp: clusterIP,
    port: port.port,
    nodePort: port.nodePort,
    endpoints: portEndpoints(own, port),
  }));
}

function portEndpoints(endpoints: Endpoints | undefined, servicePort: ServicePort): Endpoint[] {
  return (endpoints?.subsets ?? []).flatMap(subset =>
    (subset.ports ?? [])
      .filter(port => (port.name ?? '') === (servicePort.name ?? ''))
      .flatMap(({ port }) => (subset.addresses ?? []).map(({ ip }) => ({ ip, port }))),
  );
}

function hook(name: string, type: string, where: string, priority: string, rules: readonly string[]): string[] {
  return chain(name, [`type ${type} hook ${where} priority ${priority}`, ...rules]);
}

function chain(name: string, rules: readonly string[]): string[] {
  return [`  chain ${name} {`, ...rules.map(rule => `    ${rule}`), '  }'];
}
