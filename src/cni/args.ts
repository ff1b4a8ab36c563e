import { isIP } from 'node:net';
import { isCidr } from './cidr.ts';
import { CniError } from './errors.ts';

/** CNI_ARGS, with what Kubernetes runtimes put there. */
export interface CniArgs {
  /** Every pair as it came; of a repeated key the last. */
  readonly pairs: Readonly<Record<string, string>>;
  /** Absent without K8S_POD_NAME: plain CNI, the container is the owner. */
  readonly pod?: PodArgs;
  /** IP: addresses asked for, with or without prefix length, in the order given. */
  readonly ips: readonly string[];
  /** MAC: asked for, in lower case with colons. */
  readonly mac?: string;
}

export interface PodArgs {
  readonly namespace: string;
  readonly name: string;
  readonly uid?: string;
  readonly infraContainerId?: string;
}

export const emptyArgs: CniArgs = { pairs: {}, ips: [] };

/**
 * Parses CNI_ARGS: `K=V;K=V`, exactly one `=` a pair.
 * @throws CniError CNI_INVALID_ENVIRONMENT naming the pair
 */
export function parseArgs(text: string): CniArgs {
  const pairs = parsePairs(text);
  const pod = podOf(pairs);
  const mac = macOf(pairs['MAC']);
  return { pairs, ips: ipsOf(pairs['IP']), ...(pod && { pod }), ...(mac !== undefined && { mac }) };
}

/** The inverse of {@link parseArgs} for its pairs. */
export function formatArgs(pairs: Readonly<Record<string, string>>): string {
  return Object.entries(pairs)
    .map(([key, value]) => `${key}=${value}`)
    .join(';');
}

function parsePairs(text: string): Record<string, string> {
  // Without a prototype, since the keys are somebody else's words.
  const pairs: Record<string, string> = Object.create(null);
  if (text === '') return pairs;
  for (const pair of text.split(';')) {
    const [key, value, ...rest] = pair.split('=');
    if (!key || value === undefined || rest.length > 0) {
      throw argsError(`invalid pair "${pair}", expected KEY=VALUE`);
    }
    pairs[key] = value;
  }
  return pairs;
}

/** Kubernetes object names (RFC 1123); they become parts of API paths, so nothing else may pass. */
const OBJECT_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

function podOf(pairs: Readonly<Record<string, string>>): PodArgs | undefined {
  const name = pairs['K8S_POD_NAME'];
  if (!name) return undefined;
  const namespace = pairs['K8S_POD_NAMESPACE'];
  for (const [key, value] of [
    ['K8S_POD_NAME', name],
    ['K8S_POD_NAMESPACE', namespace],
  ] as const) {
    if (!value || value.length > 253 || !OBJECT_NAME.test(value)) {
      throw argsError(`${key} is "${value ?? ''}", expected a Kubernetes object name`);
    }
  }
  const uid = pairs['K8S_POD_UID'];
  const infraContainerId = pairs['K8S_POD_INFRA_CONTAINER_ID'];
  return { namespace: namespace ?? '', name, ...(uid && { uid }), ...(infraContainerId && { infraContainerId }) };
}

function ipsOf(text: string | undefined): readonly string[] {
  if (!text) return [];
  return text.split(',').map(part => {
    const ip = part.trim();
    if (isIP(ip) === 0 && !isCidr(ip)) throw argsError(`IP holds "${ip}", expected an IP address`);
    return ip;
  });
}

function macOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  const mac = text.toLowerCase().replaceAll('-', ':');
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(mac)) {
    throw argsError(`MAC is "${text}", expected six octets such as 0a:58:0a:00:00:05`);
  }
  return mac;
}

function argsError(problem: string): CniError {
  return new CniError('CNI_INVALID_ENVIRONMENT', `Cannot use CNI_ARGS: ${problem}`);
}
