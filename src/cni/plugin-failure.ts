import { basename } from 'node:path';
import { messageOf, showValue } from '#base';
import { CniError } from './errors.ts';
import { isJsonObject } from './json-object.ts';

/** Which plugin was to do what, for errors. */
export interface PluginCallName {
  readonly path: string;
  readonly command: string;
  /** The network that it is run for, where there is one. */
  readonly network?: string;
}

/** How an exec'd plugin ended. */
export interface PluginExit extends PluginCallName {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  /** The end of what it wrote there. */
  readonly stderr: string;
}

/** The error of a plugin that did not exit with 0: its own number, message and details where it printed them. */
export function pluginFailure(exit: PluginExit): CniError {
  const reported = findReported(exit.stdout);
  if (reported !== undefined) return reportedError(exit, reported, `failed its ${exit.command}`);
  const end = exit.signal === null ? `exit code ${exit.exitCode}` : `signal ${exit.signal}`;
  const said = `stdout ${showValue(exit.stdout)}, stderr ${showValue(endOf(exit.stderr))}`;
  const message = `${nameOf(exit)} ended its ${exit.command} with ${end}, expected a CNI error on stdout: ${said}`;
  return new CniError('CNI_DELEGATE_FAILED', message, { details: detailsOf(exit) });
}

/** The error of a plugin that printed one but exited with 0; undefined when it printed none. */
export function hiddenFailure(exit: PluginExit): CniError | undefined {
  const reported = findReported(exit.stdout);
  if (reported === undefined) return undefined;
  return reportedError(exit, reported, `ended its ${exit.command} with exit code 0 but printed an error`);
}

/** The error of a plugin whose time was over; `hasEnded`: what still ran was left behind by it. */
export function timeoutFailure(call: PluginCallName, timeoutMs: number, hasEnded: boolean): CniError {
  const what = hasEnded
    ? `ended its ${call.command} but left a process running that holds its output open; it was given up after ${timeoutMs} ms`
    : `did not end its ${call.command} within ${timeoutMs} ms; it was killed`;
  return new CniError('CNI_TRY_AGAIN_LATER', `${nameOf(call)} ${what}`, { details: { path: call.path, timeoutMs } });
}

/** The error of a plugin that prints without end. */
export function oversizeFailure(call: PluginCallName, limit: number): CniError {
  const message = `${nameOf(call)} printed more than ${limit} bytes on its ${call.command}; it was killed`;
  return new CniError('CNI_DECODING_FAILURE', message, { details: { path: call.path } });
}

/** The error of a program that is none, or cannot be read, or is being written all the time. */
export function startFailure(call: PluginCallName, cause: unknown): CniError {
  const message = `Cannot run plugin "${call.path}"${ofNetwork(call)} for its ${call.command}: ${messageOf(cause)}`;
  return new CniError('CNI_IO_FAILURE', message, { cause, details: { path: call.path } });
}

/** `Plugin "x" of network "y"`, as errors begin. */
function nameOf(call: PluginCallName): string {
  return `Plugin "${basename(call.path)}"${ofNetwork(call)}`;
}

function ofNetwork({ network }: PluginCallName): string {
  return network === undefined ? '' : ` of network "${network}"`;
}

/** Why somebody crashed stands last. */
function endOf(text: string): string {
  return text.length <= LAST_WORDS ? text : `...${text.slice(-LAST_WORDS)}`;
}

const LAST_WORDS = 70;

interface Reported {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

function reportedError(exit: PluginExit, { code, msg, details }: Reported, what: string): CniError {
  return new CniError('CNI_DELEGATE_FAILED', `${nameOf(exit)} ${what}: ${msg}`, {
    details: detailsOf(exit),
    cniCode: code,
    retriable: code === 11,
    ...(details !== undefined && { explanation: details }),
  });
}

function detailsOf({ path, command, exitCode, signal }: PluginExit): Readonly<Record<string, unknown>> {
  return { plugin: basename(path), command, exitCode, signal };
}

function findReported(stdout: string): Reported | undefined {
  let value: unknown;
  try {
    value = JSON.parse(stdout);
  } catch {
    // Not an error object: the caller then quotes what was printed.
    return undefined;
  }
  if (!isJsonObject(value)) return undefined;
  const { code, msg, details } = value;
  if (typeof code !== 'number' || !Number.isSafeInteger(code) || code <= 0) return undefined;
  const text = typeof details === 'string' && details !== '' ? details : undefined;
  return { code, msg: typeof msg === 'string' ? msg : '', ...(text !== undefined && { details: text }) };
}
