import { createHash } from 'node:crypto';
import { IpamError } from '../errors.ts';

/** The scope of every network that names none: an address is unique in the whole cluster. */
export const DEFAULT_SCOPE = 'default';

export interface ScopeSource {
  /** The `underlane.io/scope` annotation. */
  readonly scope?: string;
  /** Whereabouts' `network_name`: any text. */
  readonly networkName?: string;
  /** Names the configuration in errors. */
  readonly source: string;
}

/**
 * Where the addresses of a network must be unique: the annotation, else the encoded network name, else the cluster.
 * The result is a DNS label, so that it can begin an object's name.
 * @throws IpamError BAD_SCOPE for an annotation that is no DNS label, or that holds the `--` of encoded names
 */
export function resolveScope({ scope, networkName, source }: ScopeSource): string {
  if (scope !== undefined) {
    if (!isPlainLabel(scope)) {
      throw new IpamError(
        'BAD_SCOPE',
        `Cannot use ${source}: annotation underlane.io/scope is ${JSON.stringify(scope)}, expected at most 63 lower-case letters, digits and single dashes, not at the ends`,
      );
    }
    return scope;
  }
  return networkName === undefined || networkName === '' ? DEFAULT_SCOPE : encodeNetworkName(networkName);
}

/**
 * A DNS label for any network name; different names get different labels. Names that are labels already stay as they are.
 * Others are `n--` and, byte by byte, a letter or digit or a dash with two hexadecimal digits; what gets too long for a
 * label is `h--` and 40 digits of its SHA-256.
 */
export function encodeNetworkName(name: string): string {
  // A network that is called like the default scope is a network of its own.
  if (isPlainLabel(name) && name !== DEFAULT_SCOPE) return name;
  const bytes = new TextEncoder().encode(name.isWellFormed() ? name : JSON.stringify(name));
  const escaped = `n--${Array.from(bytes, escapeByte).join('')}`;
  if (escaped.length <= LABEL_LIMIT) return escaped;
  return `h--${createHash('sha256').update(bytes).digest('hex').slice(0, 40)}`;
}

const LABEL_LIMIT = 63;

function isPlainLabel(text: string): boolean {
  return text.length <= LABEL_LIMIT && !text.includes('--') && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text);
}

function escapeByte(byte: number): string {
  const character = String.fromCharCode(byte);
  return /[a-z0-9]/.test(character) ? character : `-${byte.toString(16).padStart(2, '0')}`;
}
