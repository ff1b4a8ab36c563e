import {
  type CniRequest,
  type CniResult,
  emptyResult,
  execPlugin,
  findPlugin as findProgram,
  formatPluginEnv,
  isJsonObject,
  type JsonObject,
  type PluginConfig,
  parseResult,
  preparePluginConfig,
  prepareStdin,
} from '#cni';
import type { AttachDeps } from './deps.ts';
import { AttachError } from './errors.ts';
import { entryId, type JournalEntry, type Segment } from './journal/entry.ts';
import type { AttachmentPlan } from './resolve/attachment-plan.ts';
import { type ChainProgram, chainPrograms, fieldOf } from './resolve/chain-programs.ts';

export type ExecSegment = Segment & { readonly kind: 'exec' };

/** One third-party plugin of a journal entry; ADD and its later CHECK and DEL differ only in the verb. */
export interface DelegateCall {
  readonly entry: JournalEntry;
  /** Which of the entry's attachments it belongs to. */
  readonly index: number;
  readonly segment: ExecSegment;
}

/** What goes into the journal before a third-party plugin runs. */
export function execSegment(
  plan: AttachmentPlan,
  request: CniRequest,
  step: { readonly type: string; readonly config: PluginConfig; readonly role: 'plugin' | 'ipam' },
  prevResult: CniResult | undefined,
): ExecSegment {
  return {
    kind: 'exec',
    type: step.type,
    role: step.role,
    config: withCniArgs(
      preparePluginConfig({ network: plan.network, plugin: step.config, runtimeConfig: capabilityArgs(plan) }),
      plan.cniArgs,
    ),
    args: argsOf(plan, request),
    ...(plan.network.disableGc === true ? { disableGc: true } : {}),
    ...(prevResult === undefined ? {} : { prevResult }),
  };
}

/** The runtime's own pairs; what they ask of the interface is for the network that the runtime asked for. */
function argsOf(plan: AttachmentPlan, request: CniRequest): Readonly<Record<string, string>> {
  const { IP, MAC, GATEWAY, ...pairs } = request.args.pairs;
  // A plugin that knows nothing of pods refuses their pairs otherwise; runtimes say it, but not everybody who calls.
  const tolerance = pairs['K8S_POD_NAME'] === undefined ? {} : { IgnoreUnknown: '1' };
  const runtimes = { ...(IP ? { IP } : {}), ...(MAC ? { MAC } : {}), ...(GATEWAY ? { GATEWAY } : {}) };
  return {
    ...tolerance,
    ...pairs,
    ...(plan.isDefault ? runtimes : {}),
    ...(plan.mac === undefined ? {} : { MAC: plan.mac }),
    ...(plan.asked.ips.length === 0 ? {} : { IP: plan.asked.ips.join(',') }),
  };
}

/** All that was asked for, addresses and MAC from wherever they came. */
function capabilityArgs(plan: AttachmentPlan): JsonObject {
  return {
    ...plan.capabilityArgs,
    ...(plan.mac === undefined ? {} : { mac: plan.mac }),
    ...(plan.asked.ips.length === 0 ? {} : { ips: plan.asked.ips }),
  };
}

/** The pod's `cni-args` win over the network's own, key by key (NPWG standard 4.1.2.1.7). */
function withCniArgs(config: PluginConfig, cniArgs: AttachmentPlan['cniArgs']): PluginConfig {
  if (cniArgs === undefined) return config;
  const args = isJsonObject(config['args']) ? config['args'] : {};
  const cni = isJsonObject(args['cni']) ? args['cni'] : {};
  return { ...config, args: { ...args, cni: { ...cni, ...cniArgs } } };
}

/** The agent's directories, then the one that the runtime's configuration adds: only root writes either. */
export function allBinDirs(
  { binDirs }: Pick<AttachDeps, 'binDirs'>,
  { binDir }: { readonly binDir?: string },
): readonly string[] {
  return binDir === undefined || binDirs.includes(binDir) ? binDirs : [...binDirs, binDir];
}

/**
 * Runs a third-party plugin: from our own bin dirs only, in a process group of its own, under our deadline, with a token
 * that makes its calls back to us nested.
 * @returns its result; the empty one for verbs that print none
 * @throws CniError with the plugin's own code and text; AttachError UNKNOWN_PLUGIN
 */
export async function runDelegate(
  { entry, index, segment }: DelegateCall,
  command: 'ADD' | 'DEL' | 'CHECK',
  deps: AttachDeps,
  signal: AbortSignal,
): Promise<CniResult> {
  const attachment = entry.attachments[index];
  if (attachment === undefined) throw new RangeError(`Entry has no attachment ${index}`);
  const network = attachment.nad ?? attachment.network;
  const binDirs = allBinDirs(deps, entry);
  const path = await findProgram(segment.type, binDirs, deps.launcher?.root);
  if (path === undefined) throw unknownPlugin(segment, network, binDirs);
  await using nested = deps.nesting.open({
    entryId: entryId(entry.key),
    network,
    signal,
    ...(entry.pod === undefined ? {} : { pod: entry.pod }),
  });
  // DEL and CHECK get what the whole chain had come to, ADD what stood before this plugin (CNI spec, section 4).
  const prevResult = command === 'ADD' ? segment.prevResult : (attachment.result ?? segment.result);
  const { stdout } = await execPlugin({
    path,
    command,
    network,
    env: formatPluginEnv({
      command,
      containerId: entry.key.containerId,
      ifname: attachment.ifname,
      netns: entry.netns,
      args: segment.args,
      binDirs,
      call: nested.token,
      socket: deps.socket,
    }),
    stdin: prepareStdin(segment.config, prevResult, command),
    timeoutMs: deps.deadlines.delegateMs,
    signal,
    ...(deps.launcher === undefined ? {} : { launcher: deps.launcher }),
  });
  if (command !== 'ADD') return emptyResult;
  const source = `what plugin "${segment.type}" of network "${network}" printed on ADD`;
  return parseResult(stdout, String(segment.config['cniVersion']), source);
}

/** Makes sure, before anything is done, that every third-party plugin of the plans is there. @throws AttachError UNKNOWN_PLUGIN */
export async function requirePrograms(
  plans: readonly AttachmentPlan[],
  binDirs: readonly string[],
  root?: string,
): Promise<void> {
  for (const plan of plans) {
    for (const program of chainPrograms(plan.chain)) {
      if ((await findProgram(program.type, binDirs, root)) !== undefined) continue;
      throw unknownPlugin(program, plan.nad ?? plan.network.name, binDirs);
    }
  }
}

function unknownPlugin(
  program: Pick<ChainProgram, 'role' | 'type'>,
  network: string,
  binDirs: readonly string[],
): AttachError {
  return new AttachError(
    'UNKNOWN_PLUGIN',
    `Cannot attach network "${network}": ${fieldOf(program)} is "${program.type}", expected one that Underlane implements or a program in ${binDirs.join(', ') || 'a --cni-bin-dir'}`,
  );
}
