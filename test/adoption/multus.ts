/** Stands in for Multus on a node: runs plugins as it does through libcni, and keeps the files that it keeps. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CniResult,
  execPlugin,
  findPlugin,
  formatPluginEnv,
  formatResult,
  parseNetworkConfig,
  parseResult,
  preparePluginConfig,
  prepareStdin,
} from '#cni';

export interface Multus {
  /** Attaches a container to each network: the default one as eth0, the others as net1, net2, ... */
  add(container: Container, networks: readonly DelegateConf[]): Promise<void>;
  /** What its DEL does: by its cache, in reverse, then the cache goes. Without a cache it does nothing, and says so. */
  del(container: Container): Promise<'done' | 'nothing known'>;
}

export interface Container {
  readonly id: string;
  readonly netns: string;
}

export interface DelegateConf {
  /** `namespace/nad`. */
  readonly name: string;
  readonly config: Readonly<Record<string, unknown>>;
}

export interface MultusPlaces {
  /** Its `cniDir`. */
  readonly cniDir: string;
  /** The runtime's libcni. */
  readonly runtimeDir: string;
  readonly binDirs: readonly string[];
}

export const ROOT_NETWORK = 'multus-cni-network';

interface CachedFile {
  readonly Bytes: string;
  readonly ifnameRequest?: string;
}

export function createMultus({ cniDir, runtimeDir, binDirs }: MultusPlaces): Multus {
  for (const dir of [cniDir, join(cniDir, 'results'), join(runtimeDir, 'results')]) mkdirSync(dir, { recursive: true });

  async function run(
    command: 'ADD' | 'DEL',
    { id, netns }: Container,
    ifname: string,
    text: string,
    former?: CniResult,
  ): Promise<CniResult | undefined> {
    const network = parseNetworkConfig(text, { source: 'test', defaultVersion: '0.1.0' });
    const plugins = command === 'ADD' ? network.plugins : [...network.plugins].reverse();
    let result = former;
    for (const plugin of plugins) {
      const path = await findPlugin(plugin.type, binDirs);
      if (path === undefined) throw new Error(`no plugin ${plugin.type}`);
      const { stdout } = await execPlugin({
        path,
        command,
        env: formatPluginEnv({ command, containerId: id, ifname, netns, args: argsOf(id), binDirs }),
        stdin: prepareStdin(preparePluginConfig({ network, plugin }), result, command),
        timeoutMs: 20_000,
        signal: AbortSignal.timeout(20_000),
      });
      if (command === 'ADD') result = parseResult(stdout, network.cniVersion);
    }
    return result;
  }

  function resultPath(dir: string, network: string, id: string, ifname: string): string {
    return join(dir, 'results', `${network}-${id}-${ifname}`);
  }

  function writeResult(dir: string, at: Container & { ifname: string }, text: string, result: CniResult): void {
    const network = parseNetworkConfig(text, { source: 'test', defaultVersion: '0.1.0' });
    writeFileSync(
      resultPath(dir, network.name, at.id, at.ifname),
      JSON.stringify({
        kind: 'cniCacheV1',
        containerId: at.id,
        config: Buffer.from(text).toString('base64'),
        ifName: at.ifname,
        networkName: network.name,
        netns: at.netns,
        cniArgs: Object.entries(argsOf(at.id)),
        result: JSON.parse(formatResult(result, network.cniVersion)),
      }),
      { mode: 0o600 },
    );
  }

  return {
    async add(container, networks) {
      writeFileSync(join(cniDir, container.id), JSON.stringify(networks.map(cachedForm)), { mode: 0o600 });
      let first: CniResult | undefined;
      for (const [index, { config }] of networks.entries()) {
        const [ifname, text] = [index === 0 ? 'eth0' : `net${index}`, JSON.stringify(config)];
        const result = await run('ADD', container, ifname, text);
        if (result === undefined) throw new Error('no result');
        writeResult(cniDir, { ...container, ifname }, text, result);
        first ??= result;
      }
      const root = { cniVersion: '0.3.1', name: ROOT_NETWORK, type: 'multus-shim', clusterNetwork: '/x' };
      if (first !== undefined) {
        writeResult(runtimeDir, { ...container, ifname: 'eth0' }, JSON.stringify(root), first);
      }
    },
    async del(container) {
      const path = join(cniDir, container.id);
      if (!existsSync(path)) return 'nothing known';
      const delegates = JSON.parse(readFileSync(path, 'utf8')) as readonly CachedFile[];
      for (const [index, delegate] of [...delegates.entries()].reverse()) {
        const text = Buffer.from(delegate.Bytes, 'base64').toString();
        const ifname = delegate.ifnameRequest ?? (index === 0 ? 'eth0' : `net${index}`);
        const network = parseNetworkConfig(text, { source: 'test', defaultVersion: '0.1.0' });
        const cached = resultPath(cniDir, network.name, container.id, ifname);
        const raw: unknown = existsSync(cached) ? JSON.parse(readFileSync(cached, 'utf8')).result : null;
        await run('DEL', container, ifname, text, parseResult(raw, network.cniVersion));
        rmSync(cached, { force: true });
      }
      rmSync(path);
      return 'done';
    },
  };
}

/** The members that Multus writes, those that nobody needs among them. */
function cachedForm({ name, config }: DelegateConf): unknown {
  const plugins = config['plugins'];
  const base = { cniVersion: config['cniVersion'], name: config['name'] };
  return {
    Conf: { ...base, type: config['type'] ?? '', ipam: {}, dns: {} },
    ConfList: Array.isArray(plugins) ? { ...base, plugins } : { plugins: null },
    Name: name,
    IsFilterV4Gateway: false,
    IsFilterV6Gateway: false,
    Bytes: Buffer.from(JSON.stringify(config)).toString('base64'),
  };
}

function argsOf(id: string): Readonly<Record<string, string>> {
  return {
    IgnoreUnknown: 'true',
    K8S_POD_NAMESPACE: 'default',
    K8S_POD_NAME: `pod-${id}`,
    K8S_POD_INFRA_CONTAINER_ID: id,
    K8S_POD_UID: `uid-${id}`,
  };
}

export function cacheFiles({ cniDir }: MultusPlaces): readonly string[] {
  return [...readdirSync(cniDir).filter(name => name !== 'results'), ...readdirSync(join(cniDir, 'results'))].sort();
}
