import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConfigList, PluginObject } from './cni-config.ts';
import { type CniCommand, execCniPlugin } from './cni-exec.ts';

/** A container as its network sees it. */
export interface CniContainer {
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
  /** CNI_ARGS. */
  readonly args: string;
}

export interface CniRuntime {
  /** Runs the list's plugins in order, each with its predecessor's result; resolves with the last one's. */
  add(list: ConfigList, container: CniContainer): Promise<unknown>;
  /** Runs the list's plugins in reverse order with the result that `add` had. Safe to repeat. */
  del(list: ConfigList, container: CniContainer): Promise<void>;
}

export interface CniRuntimeOptions {
  readonly path: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Keeps results between `add` and `del`. */
  readonly cacheDir: string;
}

/** What the runtime's CNI library does: see https://www.cni.dev/docs/spec/#section-3-execution-of-network-configurations */
export function createCniRuntime({ path, env, cacheDir }: CniRuntimeOptions): CniRuntime {
  const cacheFile = (list: ConfigList, { containerId, ifname }: CniContainer): string =>
    join(cacheDir, `${list.name}-${containerId}-${ifname}`);

  function run(
    command: CniCommand,
    list: ConfigList,
    plugin: PluginObject,
    container: CniContainer,
    prevResult: unknown,
  ): Promise<unknown> {
    return execCniPlugin({
      ...container,
      command,
      type: plugin.type,
      path,
      env,
      config: pluginInput(list, plugin, prevResult),
    });
  }

  return {
    async add(list, container) {
      let result: unknown;
      for (const plugin of list.plugins) result = await run('ADD', list, plugin, container, result);
      await mkdir(cacheDir, { recursive: true });
      await writeFile(
        cacheFile(list, container),
        JSON.stringify({ kind: 'cniCacheV1', ...container, config: list, result }),
      );
      return result;
    },
    async del(list, container) {
      const cached = await readCachedResult(cacheFile(list, container));
      for (const plugin of list.plugins.toReversed()) await run('DEL', list, plugin, container, cached);
      await rm(cacheFile(list, container), { force: true });
    },
  };
}

/** One plugin's stdin: its own object with the list's name and version, and the previous result from the second one on. */
export function pluginInput(list: ConfigList, plugin: PluginObject, prevResult: unknown): PluginObject {
  const { name, cniVersion } = list;
  return { ...plugin, name, cniVersion, ...(prevResult === undefined ? {} : { prevResult }) };
}

async function readCachedResult(file: string): Promise<unknown> {
  try {
    const entry: { result?: unknown } = JSON.parse(await readFile(file, 'utf8'));
    return entry.result;
  } catch (error) {
    // An ADD that failed has left no result; the spec lets DEL go without one then.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
