import { messageOf } from '#base';
import { type CniArgs, emptyArgs, parseArgs } from './args.ts';
import { CniError } from './errors.ts';
import {
  type Field,
  fieldError,
  isJsonObject,
  type JsonObject,
  optionalObject,
  optionalString,
  parseJson,
} from './json-object.ts';
import { ifnameProblem, isContainerId, isNetworkName } from './names.ts';
import { type PluginConfig, parsePluginConfig } from './network-config.ts';
import { parseResult } from './parse-result.ts';
import type { CniResult } from './result.ts';
import { parseValidAttachments, type ValidAttachment } from './valid-attachments.ts';
import { allowsCommand, isSupportedVersion, NEWEST_VERSION, SUPPORTED_VERSIONS } from './versions.ts';

export type CniCommand = 'ADD' | 'DEL' | 'CHECK' | 'GC' | 'STATUS' | 'VERSION';

/** What a runtime asked of a plugin, checked. */
export interface CniRequest {
  /** The name under which we were exec'd. */
  readonly plugin: string;
  readonly command: CniCommand;
  /** Empty for VERSION, STATUS and GC, which concern no container; so is `ifname`. */
  readonly containerId: string;
  readonly ifname: string;
  /** Path of the namespace. Always there for ADD and CHECK; a DEL may come without. */
  readonly netns?: string;
  readonly args: CniArgs;
  /** CNI_PATH's directories. */
  readonly path: readonly string[];
  readonly config: RequestConfig;
  /** What a DEL was forgiven, in sentences for the log: it must go on where an ADD may refuse. */
  readonly warnings: readonly string[];
}

/** The configuration on stdin. */
export interface RequestConfig {
  readonly cniVersion: string;
  /** Of the network. */
  readonly name: string;
  /** As written, with `type` and `ipam.type` known to be plain file names. */
  readonly plugin: PluginConfig;
  /** Read for ADD and CHECK only: DEL goes by what was recorded at ADD. */
  readonly prevResult?: CniResult;
  /** Capability arguments that the runtime has for this plugin. */
  readonly runtimeConfig: JsonObject;
  /** Of a GC: what the runtime still knows. Absent when it does not say; then nothing may go. */
  readonly validAttachments?: readonly ValidAttachment[];
}

export interface RequestInput {
  readonly plugin: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array | string;
}

/** What errors call it. */
const STDIN = 'network configuration on stdin';

const ATTACHMENT = ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH'];

const REQUIRED_ENV: Readonly<Record<CniCommand, readonly string[]>> = {
  ADD: ATTACHMENT,
  CHECK: ATTACHMENT,
  DEL: ATTACHMENT.filter(name => name !== 'CNI_NETNS'),
  GC: ['CNI_PATH'],
  STATUS: ['CNI_PATH'],
  VERSION: [],
};

/** What stands in for the configuration of VERSION, which has none. */
const versionConfig: RequestConfig = {
  cniVersion: NEWEST_VERSION,
  name: '',
  plugin: { type: '' },
  runtimeConfig: {},
};

/**
 * Checks environment and configuration in the order, and with the error numbers, of the reference plugins' skeleton.
 * @throws CniError with the protocol's number for what is wrong
 */
export function parseRequest({ plugin, env, stdin }: RequestInput): CniRequest {
  const command = parseCommand(env);
  const common = { plugin, command, path: (env['CNI_PATH'] ?? '').split(':').filter(dir => dir !== '') };
  if (command === 'VERSION') {
    return { ...common, containerId: '', ifname: '', args: emptyArgs, config: versionConfig, warnings: [] };
  }
  const config = parseConfig(stdin);
  const isAttachment = command !== 'GC' && command !== 'STATUS';
  const containerId = isAttachment ? parseContainerId(env['CNI_CONTAINERID'] ?? '') : '';
  const ifname = isAttachment ? parseIfname(env['CNI_IFNAME'] ?? '') : '';
  const netns = env['CNI_NETNS'];
  const warnings: string[] = [];
  const args = forgiving(command, warnings, emptyArgs, () => parseArgs(env['CNI_ARGS'] ?? ''));
  forgiving(command, warnings, undefined, () => requireVersion(command, config.cniVersion));
  const prevResult = isAttachment && command !== 'DEL' ? prevResultOf(config) : undefined;
  const valid = command === 'GC' ? parseValidAttachments(config.plugin, STDIN) : undefined;
  return {
    ...common,
    containerId,
    ifname,
    ...(netns && { netns }),
    args,
    config: { ...config, ...(prevResult && { prevResult }), ...(valid && { validAttachments: valid }) },
    warnings,
  };
}

/** The version to print an error in when the request could not be parsed: the config's if we speak it, else our newest. */
export function findCniVersion(stdin: Uint8Array | string): string {
  try {
    const value = parseJson(textOf(stdin), 'stdin');
    const version = isJsonObject(value) ? value['cniVersion'] : undefined;
    return typeof version === 'string' && isSupportedVersion(version) ? version : NEWEST_VERSION;
  } catch {
    // The caller is about to print the very error that this is.
    return NEWEST_VERSION;
  }
}

function parseCommand(env: RequestInput['env']): CniCommand {
  const command = env['CNI_COMMAND'] ?? '';
  if (command === '') throw invalidEnv('Cannot run a plugin: required env variables [CNI_COMMAND] missing');
  if (!isCommand(command)) {
    const expected = Object.keys(REQUIRED_ENV).join(', ');
    throw invalidEnv(`Cannot run "${command}": unknown CNI_COMMAND, expected one of ${expected}`);
  }
  const missing = REQUIRED_ENV[command].filter(name => !env[name]);
  if (missing.length > 0)
    throw invalidEnv(`Cannot run ${command}: required env variables [${missing.join(',')}] missing`);
  return command;
}

function isCommand(text: string): text is CniCommand {
  return Object.hasOwn(REQUIRED_ENV, text);
}

function parseConfig(stdin: Uint8Array | string): RequestConfig {
  const source = STDIN;
  const field = (path: string): Field => ({ source, path, code: 'CNI_INVALID_CONFIG' });
  const value = parseJson(textOf(stdin), source);
  if (!isJsonObject(value)) throw fieldError({ ...field('config'), code: 'CNI_DECODING_FAILURE' }, value, 'an object');
  const name = optionalString(value['name'], field('name'));
  if (name === undefined) throw new CniError('CNI_INVALID_CONFIG', `Cannot use ${source}: missing network name`);
  if (!isNetworkName(name)) {
    throw new CniError(
      'CNI_INVALID_CONFIG',
      `Cannot use ${source}: invalid characters found in network name "${name}"`,
    );
  }
  return {
    // The protocol's words: without cniVersion a configuration is of 0.1.0.
    cniVersion: optionalString(value['cniVersion'], field('cniVersion')) ?? '0.1.0',
    name,
    plugin: parsePluginConfig(value, source),
    runtimeConfig: optionalObject(value['runtimeConfig'], field('runtimeConfig')) ?? {},
  };
}

function prevResultOf(config: RequestConfig): CniResult | undefined {
  const raw = config.plugin['prevResult'];
  if (raw === undefined || raw === null) return undefined;
  return parseResult(raw, config.cniVersion, `${STDIN}: prevResult`);
}

function parseContainerId(text: string): string {
  if (isContainerId(text)) return text;
  const expected = 'letters, digits, ".", "_" or "-" after a letter or digit';
  throw invalidEnv(
    `Cannot run a plugin: CNI_CONTAINERID is "${text}": invalid characters in containerID, expected ${expected}`,
  );
}

function parseIfname(text: string): string {
  const problem = ifnameProblem(text);
  if (problem !== undefined) throw invalidEnv(`Cannot run a plugin: CNI_IFNAME is "${text}": ${problem}`);
  return text;
}

function requireVersion(command: CniCommand, version: string): void {
  const details = `config is "${version}", plugin supports ${JSON.stringify(SUPPORTED_VERSIONS)}`;
  const isLater = command === 'GC' || command === 'STATUS' || command === 'CHECK';
  if (isLater && isSupportedVersion(version) && !allowsCommand(version, command)) {
    const message = `Cannot run ${command}: config version "${version}" does not allow ${command}`;
    throw new CniError('CNI_INCOMPATIBLE_VERSION', message, { explanation: details });
  }
  if (!isSupportedVersion(version)) {
    const message = `Cannot run ${command}: incompatible CNI versions: ${details}`;
    throw new CniError('CNI_INCOMPATIBLE_VERSION', message, { explanation: details });
  }
}

/**
 * A DEL that is refused is repeated for ever and keeps its pod from going away, although nothing of what is wrong here
 * matters for taking things down.
 */
function forgiving<T>(command: CniCommand, warnings: string[], fallback: T, parse: () => T): T {
  if (command !== 'DEL') return parse();
  try {
    return parse();
  } catch (error) {
    warnings.push(messageOf(error));
    return fallback;
  }
}

function textOf(stdin: Uint8Array | string): string {
  return typeof stdin === 'string' ? stdin : new TextDecoder().decode(stdin);
}

function invalidEnv(message: string): CniError {
  return new CniError('CNI_INVALID_ENVIRONMENT', message);
}
