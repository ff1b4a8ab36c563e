/** A node on a LAN with a second machine, and pods, in namespaces of their own, for the kernel tests of this room. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { CniResult } from '#cni';
import type { Facts, NsFacts } from '#facts';
import { readNsFacts } from '#facts';
import { createNamespace, deleteNamespace, openNamespace } from '#netns';
import type { Change, Handles, PlaceHandle, Wiring } from '#wiring';
import { applyChanges, compare, diff, openHandles, overlayWiring, requiredSysctls, undoChanges } from '#wiring';
import type { AttachmentSpec, IpamResult } from './plugin.ts';
import { findPlugin } from './registry.ts';

/** Options of a kernel test: skipped, with the reason, unless the caller made a throw-away namespace for it. */
export function skipUnlessRing2(): { readonly skip: string | false } {
  const isReady = process.env['UNDERLANE_TEST_NS'] === '1';
  return { skip: isReady ? false : 'needs a throw-away namespace: set UNDERLANE_TEST_NS=1 inside one' };
}

export interface TestLan extends Disposable {
  /** Path of a namespace: `node`, `other` (172.18.0.1, the gateway), or a pod that `addPod` made. */
  path(place: string): string;
  addPod(name: string): void;
  /** Runs shell commands inside; what they print. */
  run(place: string, script: string): string;
  /** Runs a chain of plugins for a pod as an ADD does, and checks that nothing is left to be done. */
  attach(pod: string, spec: Partial<AttachmentSpec>, chain: readonly ChainLink[]): Attached;
  /** Makes a TCP connection, which takes packets both ways. */
  connect(from: string, to: string, address: string): Promise<void>;
}

export interface ChainLink {
  readonly config: Readonly<Record<string, unknown>>;
  readonly ipam?: IpamResult;
}

export interface Attached {
  readonly result: CniResult;
  readonly wiring: Wiring;
  undo(): Promise<void>;
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

export function createTestLan(name: string): TestLan {
  const path = (place: string) => `/run/netns/${name}-${place}-${process.pid}`;
  const made: string[] = [];
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
    attach: (pod, spec, chain) => attach(path('node'), path(pod), { ...specOf(pod, path(pod)), ...spec }, chain),
    connect: (from, to, address) => connect(path(from), path(to), address),
    [Symbol.dispose]: () => {
      for (const each of made) deleteNamespace(each);
    },
  };
}

function specOf(pod: string, netns: string): AttachmentSpec {
  return { containerId: `${pod}0123456789abcdef`, ifname: 'eth0', netns, nonce: 'first' };
}

function attach(node: string, podNetns: string, spec: AttachmentSpec, chain: readonly ChainLink[]): Attached {
  using hostNs = openNamespace(node);
  using handles = openHandles({ hostNs, podNetns });
  const before = readFacts(handles, []);
  let facts = before;
  let prevResult: CniResult | undefined;
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
  const changes: readonly Change[] = diff(wiring, readFacts(handles, wiring));
  applyChanges(changes, handles);
  assert.deepEqual(compare(wiring, readFacts(handles, wiring)), []);
  const undo = async () => {
    using ns = openNamespace(node);
    using again = openHandles({ hostNs: ns, podNetns });
    await undoChanges(changes, again);
  };
  return { result: prevResult, wiring, undo };
}

function readFacts(handles: Handles, wiring: Wiring): Facts {
  const read = (place: PlaceHandle, sysctls: readonly string[]): NsFacts =>
    readNsFacts(place.socket, { ns: place.ns, sysctls });
  assert.ok(handles.pod !== undefined);
  return {
    host: read(handles.host, requiredSysctls(wiring, 'host')),
    pod: read(handles.pod, requiredSysctls(wiring, 'pod')),
  };
}

const SERVER = `
import { createServer } from 'node:net';
const server = createServer(socket => socket.end('hello'));
server.listen(7777, () => process.stdout.write('ready'));
`;
const CLIENT = `
import { connect } from 'node:net';
const socket = connect({ host: process.argv[1], port: 7777, timeout: 3000 });
socket.on('data', data => process.exit(data.toString() === 'hello' ? 0 : 2));
socket.on('timeout', () => process.exit(3));
socket.on('error', () => process.exit(4));
`;

async function connect(from: string, to: string, address: string): Promise<void> {
  const server = spawn('nsenter', [`--net=${to}`, process.execPath, '--input-type=module', '-e', SERVER]);
  try {
    await once(server.stdout, 'data');
    const client = ['--input-type=module', '-e', CLIENT, address];
    execFileSync('nsenter', [`--net=${from}`, process.execPath, ...client]);
  } finally {
    server.kill('SIGKILL');
    await once(server, 'close');
  }
}
