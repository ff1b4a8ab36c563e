import { basename } from 'node:path';
import { showValue } from '#base';
import { CniError } from './errors.ts';
import { isJsonObject } from './json-object.ts';

/** How an exec'd plugin ended. */
export interface PluginExit {
  readonly path: string;
  readonly command: string;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  /** The end of what it wrote there. */
  readonly stderr: string;
}

/** The error of a plugin that did not exit with 0: its own number, message and details where it printed them. */
export function pluginFailure(exit: PluginExit): CniError {
  const plugin = basename(exit.path);
  const reported = findReported(exit.stdout);
  const details = { plugin, command: exit.command, exitCode: exit.exitCode, signal: exit.signal };
  if (reported === undefined) {
    const end = exit.signal === null ? `exit code ${exit.exitCode}` : `signal ${exit.signal}`;
    const said = `stdout ${showValue(exit.stdout)}, stderr ${showValue(exit.stderr)}`;
    const message = `Plugin "${plugin}" ended its ${exit.command} with ${end}, expected a CNI error on stdout: ${said}`;
    return new CniError('CNI_DELEGATE_FAILED', message, { details });
  }
  return new CniError('CNI_DELEGATE_FAILED', `Plugin "${plugin}" failed its ${exit.command}: ${reported.msg}`, {
    details,
    cniCode: reported.code,
    retriable: reported.code === 11,
    ...(reported.details !== undefined && { explanation: reported.details }),
  });
}

interface Reported {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
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
