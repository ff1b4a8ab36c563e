/** What the tests of the built agent need around each of them: an uplink `up0`, an API server, a directory and nodes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { startTestCluster, type TestCluster } from './test-cluster.ts';
import { ip, startTestNode, type TestNode, type TestNodeOptions } from './test-node.ts';

export interface Lan extends AsyncDisposable {
  readonly dir: string;
  readonly cluster: TestCluster;
  /** A node, which ends with the LAN. */
  startNode(options?: LanNodeOptions): Promise<TestNode>;
}

interface LanNodeOptions extends Omit<TestNodeOptions, 'dir' | 'kubeconfig'> {
  /** Whether it has the API server. @default true */
  readonly hasApi?: boolean;
}

/** Disposing ends the nodes, the API server, the links and the directory, in this order. */
export async function startLan(): Promise<Lan> {
  const ending = new AsyncDisposableStack();
  const dir = mkdtempSync(join(tmpdir(), 'underlane-lan-'));
  ending.defer(() => rmSync(dir, { recursive: true, force: true }));
  ip('link add up0 type veth peer name up1');
  ending.defer(() => {
    ip('link del up0');
    if (ip('link').includes('ultest0')) ip('link del ultest0');
  });
  ip('link set up0 up');
  ip('link set up1 up');
  const cluster = ending.use(await startTestCluster(dir));
  return {
    dir,
    cluster,
    async startNode({ hasApi = true, name = 'n1', ...options } = {}) {
      const api = hasApi ? { kubeconfig: cluster.kubeconfig } : {};
      return ending.use(await startTestNode({ ...options, ...api, name, dir: join(dir, name) }));
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  };
}

/** Registers the hooks: before each test that is not skipped `set` gets a new LAN, which ends after it. */
export function setEachLan(skip: string | boolean, set: (lan: Lan) => void | Promise<void>): void {
  let lan: Lan;
  beforeEach(async () => {
    if (skip) return;
    lan = await startLan();
    await set(lan);
  });
  afterEach(async () => {
    if (!skip) await lan[Symbol.asyncDispose]();
  });
}
