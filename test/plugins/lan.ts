/** The network of the worked examples, in namespaces, for kernel tests of plugins. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CniResult } from '#cni';
import type { Facts, NsFacts } from '#facts';
import { readNsFacts } from '#facts';
import { createNamespace, deleteNamespace, openNamespace } from '#netns';
import type { Change, Handles, Place, PlaceHandle, Wiring } from '#wiring';
import {
  applyChanges,
  compare,
  diff,
  openHandles,
  overlayWiring,
  readWiredNftables,
  requiredSysctls,
  undoChanges,
} from '#wiring';
import type { AttachmentSpec, IpamResult } from '../../src/plugins/plugin.ts';
import { findPlugin } from '../../src/plugins/registry.ts';

export interface TestLan extends Disposable {
  /** Path of a namespace: `node`, `other` (172.18.0.1, the gateway), or a pod that `addPod` made. */
  path(place: string): string;
  addPod(name: string): void;
  /** Runs shell commands inside; what they print. */
  run(place: string, script: string): string;
  /** Runs a chain of plugins for a pod as an ADD does, and checks that nothing is left to be done. */
  attach(pod: string, spec: Partial<AttachmentSpec>, chain: readonly ChainLink[], prevResult?: CniResult): Attached;
  /** Makes a TCP connection, which takes packets both ways. The address that the server saw it come from. */
  connect(from: string, to: string, address: string): Promise<string>;
}

interface ChainLink {
  readonly config: Readonly<Record<string, unknown>>;
  readonly ipam?: IpamResult;
}

interface Attached {
  readonly result: CniResult;
  readonly wiring: Wiring;
  /** What the undo remarks. */
  undo(): Promise<readonly string[]>;
}

const NODE_SETUP = `
ip link set lo up
ip link add eth0 address 02:42:ac:12:00:02 type veth peer name lan0 address 02:42:ac:12:00:01 netns OTHER
ip link set eth0 up
ip addr add 172.18.0.2/16 dev eth0
ip route add default via 172.18.0.1
ip addr add 10.96.0.1/32 dev lo
`;
const OTHER_SETUP = 'ip link set lo up; ip link set lan0 up; ip addr add 172.18.0.1/16 dev lan0';

/** A node on a LAN with a second machine. Pods come by `addPod`. */
export function createTestLan(name: string): TestLan {
  const path = (place: string) => `/run/netns/${name}-${place}-${process.pid}`;
  const made: string[] = [];
  const live = new Set<readonly Change[]>();
  const make = (place: string) => {
    createNamespace(path(place))[Symbol.dispose]();
    made.push(path(place));
  };
  const run = (place: string, script: string) =>
    execFileSync('nsenter', [`--net=${path(place)}`, 'sh', '-ec', script], { encoding: 'utf8' });
  make('node');
  make('other');
  run('node', NODE_SETUP.replace('OTHER', path('other')));
  run('other', OTHER_SETUP);
  return {
    path,
    addPod: make,
    run,
    attach: (pod, spec, chain, before) =>
      attach({ node: path('node'), live }, path(pod), { ...specOf(pod, path(pod)), ...spec }, chain, before),
    connect: (from, to, address) => connect(path(from), path(to), address),
    [Symbol.dispose]: () => {
      for (const each of made) deleteNamespace(each);
    },
  };
}

function specOf(pod: string, netns: string): AttachmentSpec {
  return { containerId: `${pod}0123456789abcdef`, ifname: 'eth0', netns, nonce: 'first' };
}

/** The node and what its attachments have done, as a journal would know it. */
interface Host {
  readonly node: string;
  readonly live: Set<readonly Change[]>;
}

function attach(
  { node, live }: Host,
  podNetns: string,
  spec: AttachmentSpec,
  chain: readonly ChainLink[],
  firstResult: CniResult | undefined,
): Attached {
  using hostNs = openNamespace(node);
  using handles = openHandles({ hostNs, podNetns });
  const before = readFacts(handles, []);
  let facts = before;
  let prevResult = firstResult;
  const wiring: Wiring[number][] = [];
  for (const { config, ipam } of chain) {
    const plugin = findPlugin(String(config['type']));
    assert.ok(plugin !== undefined);
    const plan = plugin.plan({
      config: plugin.parse(config),
      attachment: spec,
      ...(ipam === undefined ? {} : { ipam }),
      ...(prevResult === undefined ? {} : { prevResult }),
      facts,
    });
    wiring.push(...plan.wiring);
    facts = overlayWiring(facts, plan.wiring);
    prevResult = plan.result;
  }
  assert.ok(prevResult !== undefined);
  const changes: readonly Change[] = diff(wiring, readFacts(handles, wiring), { ownShared: ownShared(live) });
  live.add(changes);
  applyChanges(changes, handles);
  assert.deepEqual(compare(wiring, readFacts(handles, wiring)), []);
  const undo = async () => {
    using ns = openNamespace(node);
    using again = openHandles({ hostNs: ns, podNetns });
    live.delete(changes);
    const remarks: string[] = [];
    const isSharedInUse = (key: string) => ownShared(live).has(key);
    await undoChanges(changes, again, { isSharedInUse, onRemark: remark => remarks.push(remark) });
    return remarks;
  };
  return { result: prevResult, wiring, undo };
}

function ownShared(live: ReadonlySet<readonly Change[]>): ReadonlyMap<string, Change> {
  const made = [...live].flat().filter(({ op }) => op !== 'keep');
  return new Map(made.flatMap(change => (change.item.shared === undefined ? [] : [[change.item.shared, change]])));
}

function readFacts(handles: Handles, wiring: Wiring): Facts {
  const read = (handle: PlaceHandle, place: Place): NsFacts => ({
    ...readNsFacts(handle.socket, { ns: handle.ns, sysctls: requiredSysctls(wiring, place) }),
    ...readWiredNftables(handle, wiring, place),
  });
  assert.ok(handles.pod !== undefined);
  return { host: read(handles.host, 'host'), pod: read(handles.pod, 'pod') };
}

const SERVER = `
import { createServer } from 'node:net';
const server = createServer(socket => socket.end(\`hello \${socket.remoteAddress}\`));
server.listen(7777, () => process.stdout.write('ready'));
`;
const CLIENT = `
import { connect } from 'node:net';
const socket = connect({ host: process.argv[1], port: 7777, timeout: 3000 });
socket.on('data', data => process.stdout.write(data, () => process.exit()));
socket.on('timeout', () => process.exit(3));
socket.on('error', () => process.exit(4));
`;

async function connect(from: string, to: string, address: string): Promise<string> {
  const server = spawn('nsenter', [`--net=${to}`, process.execPath, '--input-type=module', '-e', SERVER]);
  try {
    await once(server.stdout, 'data');
    const client = ['--input-type=module', '-e', CLIENT, address];
    const heard = execFileSync('nsenter', [`--net=${from}`, process.execPath, ...client], { encoding: 'utf8' });
    const [, source] = /^hello (?:::ffff:)?(.+)$/.exec(heard) ?? [];
    assert.ok(source !== undefined, `a server at ${address} said ${JSON.stringify(heard)}`);
    return source;
  } finally {
    server.kill('SIGKILL');
    await once(server, 'close');
  }
}
