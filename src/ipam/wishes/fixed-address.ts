import * as z from 'zod/mini';
import { contains, findIp, findPrefix, formatAddress, formatIp, formatPrefix, type Ip, type Prefix } from '#ip';
import { badField } from '../errors.ts';

/** An address that is handed out as it stands. Nobody keeps another pod from having it too. */
export interface FixedAddress {
  /** With prefix length. */
  readonly address: string;
  readonly gateway?: string;
}

/** The field `addresses` of an `ipam` object. */
export const fixedAddressesShape = {
  addresses: z.exactOptional(
    z.nullable(z.array(z.strictObject({ address: z.string(), gateway: z.exactOptional(z.string()) }))),
  ),
};

/** Reads the field `addresses`. @throws IpamError BAD_CONFIG */
export function parseFixedAddresses(
  list: readonly FixedAddress[] | null | undefined,
  source: string,
): readonly FixedAddress[] {
  return (list ?? []).map((item, index) => {
    const field = `addresses[${index}]`;
    const prefix = parseFixedAddress(item.address, `${field}.address`, source);
    const address = formatAddress(prefix);
    // Generators write an empty gateway for "none".
    if (item.gateway === undefined || item.gateway === '') return { address };
    const gateway = findIp(item.gateway);
    if (gateway !== undefined && isReachable(prefix, gateway)) return { address, gateway: formatIp(gateway) };
    const expected =
      gateway?.family === prefix.family
        ? `an address inside ${formatPrefix(prefix)}`
        : `an IPv${prefix.family} address, as ${field}.address is one`;
    throw badField(source, `${field}.gateway`, item.gateway, expected);
  });
}

/** @throws IpamError BAD_CONFIG for a text that is no address with prefix length */
export function parseFixedAddress(text: string, field: string, source: string): Prefix {
  const prefix = findPrefix(text.trim());
  if (prefix !== undefined) return prefix;
  throw badField(source, field, text, 'an address with prefix length, like 10.0.0.5/24 or fd00::5/64');
}

/** An address without a network of its own has its gateway elsewhere, by a route that the configuration names. */
function isReachable(prefix: Prefix, gateway: Ip): boolean {
  if (prefix.length === (prefix.family === 4 ? 32 : 128)) return gateway.family === prefix.family;
  return contains(prefix, gateway);
}
