import { parseHostLocal } from '../dialects/host-local.ts';
import { parseKubeOvn } from '../dialects/kube-ovn/kube-ovn.ts';
import { parseSpiderpool } from '../dialects/spiderpool/spiderpool.ts';
import { parseStatic } from '../dialects/static.ts';
import { parseWhereabouts } from '../dialects/whereabouts.ts';
import { badField, IpamError } from '../errors.ts';
import type { IpamConfig, IpamContext } from './ipam-config.ts';

type Dialect = IpamConfig['dialect'];

const DIALECTS: {
  readonly [D in Dialect]: (raw: Readonly<Record<string, unknown>>, context: IpamContext) => IpamConfig;
} = {
  'host-local': parseHostLocal,
  'kube-ovn': parseKubeOvn,
  spiderpool: parseSpiderpool,
  static: parseStatic,
  whereabouts: parseWhereabouts,
};

/** Whether {@link parseIpam} reads this type; other types are third-party plugins that the caller may exec. */
export function isKnownIpam(type: string): type is Dialect {
  return Object.hasOwn(DIALECTS, type);
}

/**
 * Reads an `ipam` object, or that of a whole plugin configuration, as an IPAM plugin gets it on stdin.
 * @throws IpamError BAD_CONFIG naming field, value and what was expected; UNKNOWN_IPAM naming the type; BAD_SCOPE
 */
export function parseIpam(raw: unknown, context: IpamContext): IpamConfig {
  const object = asObject(raw);
  if (object === undefined) throw badField(context.source, 'ipam', raw, 'an object');
  const inner = asObject(object['ipam']) ?? object;
  const type = inner['type'];
  const known = Object.keys(DIALECTS).join(', ');
  if (typeof type !== 'string' || type === '') throw badField(context.source, 'type', type, `one of ${known}`);
  if (!isKnownIpam(type)) {
    throw new IpamError(
      'UNKNOWN_IPAM',
      `Cannot use ipam of ${context.source}: type is "${type}", expected one of ${known}`,
    );
  }
  return DIALECTS[type](inner, context);
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // A JSON object: its keys are strings and nothing is said about the values.
  return value as Readonly<Record<string, unknown>>;
}
