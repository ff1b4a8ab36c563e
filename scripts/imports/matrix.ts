/**
 * Which rooms a room may import: the table of the architecture, from the bottom up.
 * `types` are rooms of which only the types may be used, so nothing of them is there when the program runs.
 */
export interface RoomRule {
  readonly rooms: readonly string[];
  readonly types?: readonly string[];
}

const KERNEL = ['base', 'ip', 'sys', 'netns', 'netlink'];
const ALL_BELOW_AGENT = [
  ...KERNEL,
  'probe',
  'facts',
  'wiring',
  'cni',
  'wire',
  'plugins',
  'ipam',
  'devices',
  'networks',
  'api',
  'kube',
];

export const MATRIX: Readonly<Record<string, RoomRule>> = {
  base: { rooms: [] },
  ip: { rooms: ['base'] },
  sys: { rooms: ['base'] },
  netns: { rooms: ['base', 'sys'] },
  netlink: { rooms: ['base', 'ip', 'sys', 'netns'] },
  probe: { rooms: KERNEL },
  facts: { rooms: KERNEL },
  wiring: { rooms: [...KERNEL, 'facts'] },
  cni: { rooms: ['base', 'ip'] },
  wire: { rooms: ['base'] },
  // Plans ask facts questions that are pure functions; reading the kernel is out of their reach (NAME_OWNERS).
  plugins: { rooms: ['base', 'ip', 'cni', 'facts'], types: ['wiring'] },
  api: { rooms: ['base'] },
  kube: { rooms: ['base', 'api'] },
  ipam: { rooms: ['base', 'ip', 'api', 'kube', 'cni'] },
  devices: { rooms: ['base'] },
  networks: { rooms: ['base', 'ip', 'api', 'cni', 'kube'], types: ['devices'] },
  attach: { rooms: ALL_BELOW_AGENT },
  install: { rooms: ['base', 'cni', 'networks'] },
  certificates: { rooms: ['ip'] },
  health: { rooms: ['base'] },
  agent: { rooms: [...ALL_BELOW_AGENT, 'attach', 'install', 'health'] },
  controller: { rooms: [...ALL_BELOW_AGENT, 'attach', 'certificates', 'health'] },
  shim: { rooms: ['base', 'sys', 'wire', 'cni'] },
  sandbox: { rooms: [...ALL_BELOW_AGENT, 'attach', 'install', 'agent', 'certificates', 'controller'] },
  cli: { rooms: [...ALL_BELOW_AGENT, 'attach', 'install', 'agent', 'controller', 'sandbox'] },
};

/** Packages that only one room may know, since everybody else goes through that room. */
export const PACKAGE_OWNERS: Readonly<Record<string, string>> = {
  koffi: 'sys',
  pino: 'base',
  'prom-client': 'health',
  commander: 'cli',
  'ip-address': 'ip',
  '@grpc/grpc-js': 'devices',
};

/** Names that only some rooms may take out of a door. */
export const NAME_OWNERS: readonly {
  readonly pattern: RegExp;
  readonly from: string;
  readonly rooms: readonly string[];
}[] = [
  // Only netns enters a namespace.
  { pattern: /^setns/, from: 'sys', rooms: ['netns'] },
  { pattern: /^(read|create)[A-Z]/, from: 'facts', rooms: ['wiring', 'attach', 'agent', 'sandbox', 'cli'] },
  // Only wiring changes a node's kernel; the sandbox builds the machines that the nodes are.
  { pattern: /^(add|create|delete|replace|set)[A-Z]/, from: 'netlink', rooms: ['wiring', 'sandbox'] },
];
