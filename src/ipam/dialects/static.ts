import * as z from 'zod/mini';
import { checkExtras, extrasShape } from '../config/extras.ts';
import type { IpamContext, StaticIpam } from '../config/ipam-config.ts';
import { parseShape } from '../config/parse-shape.ts';
import { fixedAddressesShape, parseFixedAddresses } from '../wishes/fixed-address.ts';

const schema = z.object({ type: z.literal('static'), ...fixedAddressesShape, ...extrasShape });

/** Reads a static `ipam` object. Without addresses the pod has to ask for some. @throws IpamError BAD_CONFIG */
export function parseStatic(raw: Readonly<Record<string, unknown>>, context: IpamContext): StaticIpam {
  const { source, networkName } = context;
  const fields = parseShape(schema, raw, { source, ignored: ['name'] });
  const addresses = parseFixedAddresses(fields.addresses, source);
  return { dialect: 'static', networkName, addresses, ...checkExtras(fields, source) };
}
