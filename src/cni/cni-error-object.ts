import { codeOf, messageOf, UnderlaneError } from '#base';
import { CniError } from './errors.ts';

/** An error as it stands in JSON. Spec: https://www.cni.dev/docs/spec/#error */
export interface CniErrorObject {
  readonly code: number;
  readonly msg: string;
  readonly details?: string;
}

/**
 * Numbers for other rooms' codes, by name, since those rooms stand above this one. What is not here is 11 (try again
 * later) if its error says that trying again can help, else 999.
 */
const NUMBERS: Readonly<Record<string, number>> = {
  CONFIG_UNSUPPORTED: 2,
  KERNEL_LACKS: 2,
  PLAN_UNSUPPORTED: 2,
  UNKNOWN_CONTAINER: 3,
  UNSUPPORTED_VERB: 4,
  WIRE_NAME: 4,
  WIRE_NAME_TOO_LONG: 4,
  WIRE_ENV: 4,
  WIRE_ENV_TOO_LONG: 4,
  JOURNAL_WRITE: 5,
  QUEUE_WRITE: 5,
  WIRE_HEADER: 5,
  WIRE_EXIT_CODE: 5,
  WIRE_REPLY_TOO_LONG: 5,
  WIRE_TRAILING_BYTES: 5,
  ANNOTATION_INVALID: 7,
  BAD_ANNOTATION: 7,
  BAD_CONFIG: 7,
  BAD_POOL: 7,
  BAD_SCOPE: 7,
  CONFIG_INVALID: 7,
  MAC_INVALID: 7,
  MASTER_MISSING: 7,
  MTU_TOO_LARGE: 7,
  NAD_INVALID: 7,
  NETWORK_CONFIG: 7,
  POLICY: 7,
  POOL_NOT_FOR_POD: 7,
  NETWORK_NOT_FOUND: 7,
  NOT_CHAINED: 7,
  UNKNOWN_IPAM: 7,
  UNKNOWN_PLUGIN: 7,
  WIRE_STDIN_TOO_LONG: 7,
  NETNS_MISSING: 8,
  POD_NAMESPACE_MISSING: 8,
  FORBIDDEN_KIND: 11,
  NO_POOL: 11,
  WIRE_TRUNCATED: 11,
};

/** The one place where errors become CNI error numbers: any thrown thing as a CNI error object. */
export function toCniError(error: unknown): CniErrorObject {
  if (error instanceof AggregateError && error.errors.length > 0) return fromAggregate(error);
  const details = detailsOf(error);
  return { code: numberOf(error), msg: messageOf(error), ...(details !== undefined && { details }) };
}

/** The error as the JSON text that a plugin prints on stdout before it exits with 1. */
export function formatError(error: unknown, cniVersion: string): string {
  return `${JSON.stringify({ cniVersion, ...toCniError(error) }, undefined, 4)}\n`;
}

function fromAggregate(error: AggregateError): CniErrorObject {
  const parts = error.errors.map(toCniError);
  const details = parts.flatMap(part => part.details ?? []).join('; ');
  // Some say themselves what they are made of.
  const more = parts.map(part => part.msg).filter(text => !error.message.includes(text));
  const msg = [error.message, ...more].filter(text => text !== '').join('; ');
  return { code: parts[0]?.code ?? 999, msg, ...(details !== '' && { details }) };
}

function numberOf(error: unknown): number {
  if (error instanceof CniError) return error.cniCode;
  const number = Object.hasOwn(NUMBERS, codeOf(error)) ? NUMBERS[codeOf(error)] : undefined;
  if (number !== undefined) return number;
  return error instanceof UnderlaneError && error.retriable ? 11 : 999;
}

/** The stable code and its data: what a program can tell errors apart by. */
function detailsOf(error: unknown): string | undefined {
  if (error instanceof CniError && error.explanation !== undefined) return error.explanation;
  if (!(error instanceof UnderlaneError)) return undefined;
  const isBare = Object.keys(error.details).length === 0;
  return isBare ? error.code : `${error.code} ${JSON.stringify(error.details, stringifyBigint)}`;
}

function stringifyBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
