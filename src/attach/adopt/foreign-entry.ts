import { randomBytes } from 'node:crypto';
import { messageOf } from '#base';
import {
  type CniResult,
  isJsonObject,
  type NetworkConfig,
  parseArgs,
  parseNetworkConfig,
  parseResult,
  parseShallowJson,
  preparePluginConfig,
} from '#cni';
import { PIPELINE_NAMES } from '#networks';
import type { AttachmentRecord, JournalEntry, Segment } from '../journal/entry.ts';
import type { CachedDelegate } from './delegate-cache.ts';
import type { CachedResult } from './result-cache.ts';

/** All that is known of one container that another program attached. */
export interface ForeignContainer {
  readonly containerId: string;
  /** Its delegate cache, where there is one. */
  readonly cachePath?: string;
  /** What stands there, where it can be read. */
  readonly delegates?: readonly CachedDelegate[];
  /** What libcni wrote for that program. */
  readonly results: readonly CachedResult[];
  /** What the runtime's libcni wrote of its call to that program. */
  readonly runtime?: CachedResult;
}

/** Configurations that cannot be undone, in sentences. */
export type OnProblem = (problem: string) => void;

/**
 * The journal's entry of a container that another program attached: its DEL runs what that program would run. Pure but for
 * the nonce. undefined when nothing of it can be undone.
 */
export function foreignEntry(container: ForeignContainer, onProblem: OnProblem): JournalEntry | undefined {
  const { cachePath, containerId, results, runtime } = container;
  const all = attached(container);
  const attachments = all.flatMap(({ name, result, delegate }) => {
    try {
      return [recordOf(name, result, delegate, runtime)];
    } catch (error) {
      onProblem(`Interface "${name}" of container "${containerId}" will not be undone: ${messageOf(error)}`);
      return [];
    }
  });
  // By which the runtime will ask for it, also where just that one cannot be undone.
  const ifname = all[0]?.name;
  if (ifname === undefined || attachments.length === 0) return undefined;
  const args = { ...runtime?.args, ...results.find(({ args: given }) => given['K8S_POD_NAME'])?.args };
  const { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name, K8S_POD_UID: uid } = args;
  const config = runtimeConfigOf(runtime);
  const { binDir, cniVersion } = config;
  return {
    format: 1,
    key: { containerId, ifname, plugin: 'underlane', network: '' },
    ...(runtime === undefined ? {} : { root: runtime.network }),
    netns: runtime?.netns ?? results[0]?.netns ?? '',
    ...(namespace && name && uid ? { pod: { namespace, name, uid } } : {}),
    nonce: randomBytes(8).toString('hex'),
    state: 'added',
    cniVersion: typeof cniVersion === 'string' && cniVersion !== '' ? cniVersion : '0.3.1',
    attachments,
    foreign: { files: [...(cachePath === undefined ? [] : [cachePath]), ...results.map(({ path }) => path)] },
    ...(typeof binDir === 'string' && binDir.startsWith('/') ? { binDir } : {}),
  };
}

/** Whether a runtime's configuration calls a program that stands for the whole pod pipeline. */
export function callsForeignPipeline(result: CachedResult): boolean {
  try {
    const config = parseShallowJson(result.config);
    if (!isJsonObject(config)) return false;
    const plugins = Array.isArray(config['plugins']) ? config['plugins'].filter(isJsonObject) : [config];
    return plugins.some(({ type }) => typeof type === 'string' && PIPELINE_NAMES.has(type));
  } catch {
    // Whatever it is, it is not Multus' own.
    return false;
  }
}

interface Attached {
  readonly name: string;
  readonly result: CachedResult | undefined;
  readonly delegate: CachedDelegate | undefined;
}

/** The container's interfaces in the order of ADD. */
function attached({ delegates, results, runtime }: ForeignContainer): readonly Attached[] {
  const master = runtime?.ifname ?? 'eth0';
  const listed = (delegates ?? []).map((delegate, index) => {
    const name = delegate.ifname ?? (index === 0 ? master : `net${index}`);
    return { name, delegate, result: results.find(({ ifname }) => ifname === name) };
  });
  // Without the list, or attached to the running pod: the latter never come into it.
  const others = results
    .filter(({ ifname }) => listed.every(({ name }) => name !== ifname))
    .sort((a, b) => rank(a.ifname, master) - rank(b.ifname, master))
    .map(result => ({ name: result.ifname, result, delegate: undefined }));
  return [...listed, ...others];
}

function rank(ifname: string, master: string): number {
  if (ifname === master) return -1;
  const position = /^net(\d+)$/.exec(ifname)?.[1];
  return position === undefined ? Number.MAX_SAFE_INTEGER : Number(position);
}

function recordOf(
  ifname: string,
  cached: CachedResult | undefined,
  delegate: CachedDelegate | undefined,
  runtime: CachedResult | undefined,
): AttachmentRecord {
  const source = `the recorded configuration of interface "${ifname}"`;
  const network = parseNetworkConfig(delegate?.config ?? cached?.config ?? '', {
    source,
    // What a configuration without version has always been taken for.
    defaultVersion: '0.1.0',
    ...(cached === undefined || cached.network === '' ? {} : { defaultName: cached.network }),
  });
  const result = cached === undefined ? undefined : resultOf(cached, network);
  const args = cached?.args ?? runtime?.args ?? {};
  const runtimeConfig = cached?.capabilityArgs ?? delegate?.capabilityArgs ?? {};
  const nad = delegate?.name.includes('/') === true ? delegate.name : undefined;
  return {
    network: network.name,
    ...(nad === undefined ? {} : { nad }),
    ifname,
    leases: [],
    segments: network.plugins.map((plugin): Segment => {
      if (PIPELINE_NAMES.has(plugin.type))
        throw new TypeError(`its plugin is "${plugin.type}", which would call itself`);
      return {
        kind: 'exec',
        type: plugin.type,
        role: 'plugin',
        config: preparePluginConfig({ network, plugin, runtimeConfig }),
        args: argsOf(args),
      };
    }),
    ...(result === undefined ? {} : { result }),
  };
}

/** A DEL goes on without a result that cannot be read, as libcni's does. */
function resultOf(cached: CachedResult, network: NetworkConfig): CniResult | undefined {
  try {
    return parseResult(cached.result, network.cniVersion);
  } catch {
    return undefined;
  }
}

function argsOf(args: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return parseArgs(
    Object.entries(args)
      .filter(([key, value]) => key !== '' && !/[;=]/.test(key + value))
      .map(([key, value]) => `${key}=${value}`)
      .join(';'),
  ).pairs;
}

function runtimeConfigOf(runtime: CachedResult | undefined): Readonly<Record<string, unknown>> {
  const config = runtime === undefined ? {} : parseShallowJson(runtime.config);
  return isJsonObject(config) ? config : {};
}
