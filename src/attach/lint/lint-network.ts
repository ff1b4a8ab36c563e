import { UnderlaneError } from '#base';
import type { NetworkConfig, PluginConfig } from '#cni';
import { isJsonObject } from '#cni';
import { count, formatIp } from '#ip';
import { type IpamConfig, IpamError, isKnownIpam, type Pool, parseIpam } from '#ipam';
import { PIPELINE_NAMES } from '#networks';
import { type ChainContext, type ChainStep, ipamOf, parseStep } from '../resolve/chain.ts';
import { fieldOf, type LintFinding, placeOf, sentenceOf } from './finding.ts';
import type { Located, Path } from './located.ts';

/** Where a network's addresses come from. */
export interface LintedNetwork {
  readonly line: number;
  readonly object: string;
  readonly addresses: readonly LintedAddresses[];
}

/** The addresses of one plugin of a network. */
export type LintedAddresses =
  | { readonly type: 'whereabouts'; readonly scope: string; readonly pools: readonly LintedPool[] }
  /** Of pools that the cluster has. */
  | { readonly type: 'spiderpool' | 'kube-ovn'; readonly scope: string }
  /** Unique on each node, or not guarded at all. */
  | { readonly type: 'host-local' | 'static'; readonly ranges: readonly string[] };

export interface LintedPool {
  readonly name: string;
  readonly range: string;
  /** How many it hands out, as decimal digits: an IPv6 range holds more than a number does. */
  readonly usable: string;
  readonly gateway?: string;
}

export interface NetworkUnderLint {
  readonly object: string;
  readonly config: NetworkConfig;
  /** `namespace/name` of the NetworkAttachmentDefinition, where both are known. */
  readonly nad?: string;
  readonly scope?: string;
  /** The configuration's own text. */
  readonly located: Located;
  /** Where the annotation with the scope stands. */
  readonly scopePlace: Pick<LintFinding, 'line' | 'field'>;
}

/** Reads every plugin of a network with the agent's own parsers; one that is wrong hides none of the others. */
export function lintNetwork(network: NetworkUnderLint): {
  readonly network: LintedNetwork;
  readonly findings: readonly LintFinding[];
} {
  const { config, located, object } = network;
  const parts = config.plugins.map((plugin, index) => lintPlugin(network, plugin, index));
  return {
    network: {
      line: located.lineOf([]),
      object,
      addresses: parts.flatMap(({ ipam }) => (ipam === undefined ? [] : [describe(ipam)])),
    },
    findings: parts.flatMap(({ findings }) => findings),
  };
}

interface LintedPlugin {
  readonly ipam?: IpamConfig;
  readonly findings: readonly LintFinding[];
}

function lintPlugin(network: NetworkUnderLint, plugin: PluginConfig, index: number): LintedPlugin {
  const { object, config, located, nad, scope, scopePlace } = network;
  const at: Path = config.kind === 'list' ? ['plugins', index] : [];
  const findings: LintFinding[] = [];
  const say = (severity: LintFinding['severity'], path: Path, message: string): void =>
    void findings.push({ severity, ...placeOf(located, [...at, ...path]), object, message });
  const sayError = (error: unknown): void => {
    const inIpam = error instanceof IpamError && error.code !== 'BAD_SCOPE';
    const own = fieldOf(error);
    const place =
      error instanceof IpamError && error.code === 'BAD_SCOPE'
        ? scopePlace
        : placeOf(located, [...at, ...(inIpam && own[0] !== 'ipam' ? ['ipam', ...own] : own)]);
    findings.push({ severity: 'error', ...place, object, message: sentenceOf(error, object) });
  };
  const context = {
    source: object,
    ...(nad === undefined ? {} : { nad }),
    ...(scope === undefined ? {} : { scope }),
  };
  const step = attempt(() => parseStep(config, plugin, index, { ...context, lacksKind: () => false }), sayError);
  // What is wrong with the plugin, and what is exec'd, leaves the addresses unread.
  const ipam =
    step === undefined || step.kind === 'exec'
      ? attempt(
          () => readIpam(config, plugin, context),
          step === undefined ? onlyIfNew(findings, object, sayError) : sayError,
        )
      : ipamOf(step);
  if (step !== undefined) for (const { path, message } of notesOf(step, plugin, index)) say('warning', path, message);
  if (step?.kind === 'planned' && step.plugin.isChained && index === 0) {
    say(
      'error',
      ['type'],
      `${label(config, index)}type is "${plugin.type}", expected a plugin before it that makes the interface`,
    );
  }
  return { findings, ...(ipam === undefined ? {} : { ipam }) };
}

/** "plugins[1]." in a list, nothing in a single configuration. */
function label(config: NetworkConfig, index: number): string {
  return config.kind === 'list' ? `plugins[${index}].` : '';
}

function attempt<T>(read: () => T, onError: (error: unknown) => void): T | undefined {
  try {
    return read();
  } catch (error) {
    // Anything else is a defect of ours, not of the file.
    if (!(error instanceof UnderlaneError)) throw error;
    onError(error);
    return undefined;
  }
}

function onlyIfNew(
  findings: readonly LintFinding[],
  object: string,
  say: (error: unknown) => void,
): (error: unknown) => void {
  return error => {
    if (!findings.some(({ message }) => message === sentenceOf(error, object))) say(error);
  };
}

function readIpam(
  network: NetworkConfig,
  plugin: PluginConfig,
  context: Pick<ChainContext, 'source' | 'nad' | 'scope'>,
): IpamConfig | undefined {
  const { ipam } = plugin;
  if (PIPELINE_NAMES.has(plugin.type) || !isJsonObject(ipam)) return undefined;
  if (typeof ipam['type'] !== 'string' || !isKnownIpam(ipam['type'])) return undefined;
  return parseIpam(ipam, { ...context, networkName: network.name });
}

function notesOf(
  step: ChainStep,
  plugin: PluginConfig,
  index: number,
): readonly { readonly path: Path; readonly message: string }[] {
  const notes: { readonly path: Path; readonly message: string }[] = [];
  const { ipam } = plugin;
  if (step.kind === 'exec') {
    notes.push({ path: ['type'], message: `plugin "${plugin.type}" (number ${index + 1}) ${EXECUTED}` });
  }
  if (step.kind === 'planned' && step.ipam?.kind === 'exec') {
    notes.push({ path: ['ipam', 'type'], message: `ipam plugin "${step.ipam.type}" ${EXECUTED}` });
  }
  if (isJsonObject(ipam) && ipam['type'] === 'whereabouts' && ipam['enable_overlapping_ranges'] === false) {
    notes.push({ path: ['ipam', 'enable_overlapping_ranges'], message: OVERLAPPING });
  }
  return notes;
}

const EXECUTED =
  "is not one of Underlane's own: the program of that name in the nodes' CNI bin directory is run, and its configuration is not checked here";
const OVERLAPPING =
  'ipam: enable_overlapping_ranges is false and changes nothing: an address is unique in its whole scope; where the same addresses exist twice, set network_name or the annotation underlane.io/scope';

function describe(ipam: IpamConfig): LintedAddresses {
  if (ipam.dialect === 'host-local') {
    const ranges = ipam.sets.flat().map(({ family, first, last, subnet }) => {
      const [from, to] = [first, last].map(value => formatIp({ family, value }));
      return `${from}-${to}/${subnet.length}`;
    });
    return { type: 'host-local', ranges };
  }
  if (ipam.dialect === 'static') return { type: 'static', ranges: ipam.addresses.map(({ address }) => address) };
  if (ipam.dialect === 'spiderpool' || ipam.dialect === 'kube-ovn') {
    return { type: ipam.dialect, scope: ipam.scope };
  }
  const [pool]: readonly Pool[] = ipam.pools;
  if (pool === undefined) return { type: 'static', ranges: ipam.addresses.map(({ address }) => address) };
  return {
    type: 'whereabouts',
    scope: pool.scope,
    pools: ipam.pools.map(({ ref, text, usable, gateway }) => ({
      name: ref.name,
      range: text,
      usable: String(count(usable)),
      ...(gateway === undefined ? {} : { gateway }),
    })),
  };
}
