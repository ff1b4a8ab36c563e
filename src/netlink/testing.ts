/** What the tests of this room share. */
import { execFileSync } from 'node:child_process';
import { createNamespace, deleteNamespace, type NetNamespace } from '#netns';
import { findLink } from './link.ts';
import { hasLinkKind, type LinkKindName } from './link-kind.ts';
import { encodeMessage, type Request } from './message.ts';
import { readNftFamilies } from './nft-family.ts';
import { openRouteSocket, type RouteSocket } from './route-socket.ts';

interface SkipOptions {
  readonly skip: string | false;
}

/** Options of a kernel test that also skip it, by name, where the kernel lacks a kind of link. */
export function skipUnlessKind({ skip }: SkipOptions, kind: LinkKindName): SkipOptions {
  if (skip !== false) return { skip };
  using socket = openRouteSocket();
  return { skip: hasLinkKind(socket, kind) ? false : `kernel lacks ${kind}` };
}

/** The same where the kernel lacks one of the families of nftables that we use. */
export function skipUnlessNftables({ skip }: SkipOptions): SkipOptions {
  if (skip !== false) return { skip };
  const missing = Object.entries(readNftFamilies()).flatMap(([family, isThere]) => (isThere ? [] : [family]));
  return { skip: missing.length === 0 ? false : `kernel lacks nftables of family ${missing.join(', ')}` };
}

/** A namespace for one test, and `ip` in it as the independent witness. */
export interface TestNamespace {
  readonly name: string;
  readonly ns: NetNamespace;
  readonly socket: RouteSocket;
  ip(command: string): void;
  /** What `ip -j -d` says there. */
  ipJson(command: string): IpObject[];
  /** What `bridge -j` says there. */
  bridgeJson(command: string): IpObject[];
}

/** An object that `ip -j` printed; tests know which fields they look at. */
export type IpObject = Readonly<Record<string, unknown>>;

/** Runs a test with two empty namespaces, removed afterwards. */
export async function withNamespaces(
  use: (here: TestNamespace, there: TestNamespace) => void | Promise<void>,
): Promise<void> {
  using stack = new DisposableStack();
  await use(openTestNamespace(stack, 'here'), openTestNamespace(stack, 'there'));
}

function openTestNamespace(stack: DisposableStack, role: string): TestNamespace {
  const name = `netlink-${role}-${process.pid}`;
  const path = `/run/netns/${name}`;
  const ns = createNamespace(path);
  stack.defer(() => deleteNamespace(path));
  stack.use(ns);
  const runTool = (tool: string, args: readonly string[]): string =>
    execFileSync(tool, ['-n', name, ...args], { encoding: 'utf8' });
  const run = (args: readonly string[]): string => runTool('ip', args);
  return {
    name,
    ns,
    socket: stack.use(openRouteSocket(ns)),
    ip: command => {
      run(command.split(' '));
    },
    // `as`: the output of another program, whose fields each test checks by comparing them.
    ipJson: command => JSON.parse(run(['-j', '-d', ...command.split(' ')])) as IpObject[],
    bridgeJson: command => JSON.parse(runTool('bridge', ['-j', ...command.split(' ')])) as IpObject[],
  };
}

/** A namespace with an up `a0` that has no addresses of its own making. */
export function withLink(use: (here: TestNamespace, ifindex: number) => void): Promise<void> {
  return withNamespaces(here => {
    here.ip('link add a0 type veth peer name b0');
    here.ip('link set a0 addrgenmode none');
    here.ip('link set b0 addrgenmode none');
    here.ip('link set b0 up');
    here.ip('link set a0 up');
    use(here, findLink(here.socket, 'a0')?.ifindex ?? 0);
  });
}

export function pick(objects: readonly IpObject[], ...keys: readonly string[]): unknown[] {
  return objects.map(object =>
    Object.fromEntries(keys.filter(key => object[key] !== undefined).map(key => [key, object[key]])),
  );
}

/** A socket that sends nothing and keeps the bytes of each request, with sequence number 0. */
export function recordingSocket(): RouteSocket & { readonly sent: readonly string[] } {
  const sent: string[] = [];
  const refuse = (): never => {
    throw new Error('this socket only records requests');
  };
  return {
    fd: -1,
    sent,
    request: (request: Request) => {
      // NLM_F_ACK, as the real socket adds.
      sent.push(encodeMessage({ ...request, flags: (request.flags ?? 0) | 4 }, 0).toString('hex'));
    },
    requestAsync: refuse,
    fetch: refuse,
    dump: refuse,
    [Symbol.dispose]() {},
  };
}
