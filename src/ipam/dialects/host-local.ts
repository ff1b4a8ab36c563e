import * as z from 'zod/mini';
import { checkExtras, extrasShape } from '../config/extras.ts';
import type { HostLocalIpam, IpamContext } from '../config/ipam-config.ts';
import { parseShape } from '../config/parse-shape.ts';
import { badField } from '../errors.ts';
import { checkSets, parseHostLocalRange } from './host-local-set.ts';

const text = z.exactOptional(z.string());
const range = z.object({ subnet: z.string(), rangeStart: text, rangeEnd: text, gateway: text });

const schema = z.object({
  type: z.literal('host-local'),
  subnet: text,
  rangeStart: text,
  rangeEnd: text,
  gateway: text,
  ranges: z.exactOptional(z.nullable(z.array(z.array(range)))),
  resolvConf: text,
  dataDir: text,
  ...extrasShape,
});

const IGNORED = ['name'];

/** Reads a host-local `ipam` object: a flat subnet is the first set. @throws IpamError BAD_CONFIG */
export function parseHostLocal(raw: Readonly<Record<string, unknown>>, context: IpamContext): HostLocalIpam {
  const { source } = context;
  const fields = parseShape(schema, raw, { source, ignored: IGNORED });
  if (fields.resolvConf !== undefined && fields.resolvConf !== '') {
    throw badField(source, 'resolvConf', fields.resolvConf, 'nothing: it is not supported so far, use dns');
  }
  const { subnet, ...ends } = fields;
  const flat = subnet === undefined || subnet === '' ? [] : [[parseHostLocalRange({ ...ends, subnet }, '', source)]];
  const listed = (fields.ranges ?? []).map((set, index) =>
    set.map((item, position) => parseHostLocalRange(item, `ranges[${index}][${position}].`, source)),
  );
  const { dataDir } = fields;
  if (dataDir !== undefined && dataDir !== '' && !dataDir.startsWith('/')) {
    throw badField(source, 'dataDir', dataDir, 'an absolute path');
  }
  const sets = [...flat, ...listed];
  if (sets.length === 0) throw badField(source, 'ranges', fields.ranges, 'at least one range set, or a subnet');
  const empty = listed.findIndex(set => set.length === 0);
  if (empty >= 0) throw badField(source, `ranges[${empty}]`, [], 'at least one range');
  checkSets(sets, source);
  return {
    dialect: 'host-local',
    networkName: context.networkName,
    sets,
    ...(dataDir ? { dataDir } : {}),
    ...checkExtras(fields, source),
  };
}
