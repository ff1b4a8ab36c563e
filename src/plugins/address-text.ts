import { messageOf } from '#base';
import type { Family } from '#facts';
import { formatAddress, formatIp, formatPrefix, parseAddress, parseIp, parsePrefix } from '#ip';
import { PlanError } from './errors.ts';

/** An interface's address in canonical text. */
export interface AddressText {
  readonly family: Family;
  /** `172.18.0.10/16` */
  readonly text: string;
  /** `172.18.0.10` */
  readonly bare: string;
}

/** @throws PlanError ADDRESS_INVALID naming interface and value */
export function parseAddressText(ifname: string, text: string): AddressText {
  const address = attempt(ifname, 'ADDRESS_INVALID', 'address', text, parseAddress);
  return {
    family: address.family,
    text: formatAddress(address),
    bare: formatIp({ family: address.family, value: address.address }),
  };
}

/** The subnet that an address in canonical text says it is in: `172.18.0.0/16` of `172.18.0.10/16`. */
export function connectedPrefix(address: string): string {
  return formatPrefix(parsePrefix(address));
}

/** A route's destination in canonical text; one with host bits set is refused, as the kernel would. */
export function parseDestination(ifname: string, text: string): { readonly family: Family; readonly text: string } {
  const prefix = attempt(ifname, 'ROUTE_INVALID', 'destination of a route', text, parsePrefix);
  const network = formatPrefix(prefix);
  if (prefix.address === prefix.network) return { family: prefix.family, text: network };
  throw new PlanError(
    'ROUTE_INVALID',
    `Cannot plan interface "${ifname}": destination of a route is "${text}", expected "${network}", without host bits`,
  );
}

/** A next hop in canonical text. @throws PlanError ROUTE_INVALID also when it is of another family than it serves */
export function parseGateway(ifname: string, text: string, family: Family): string {
  const ip = attempt(ifname, 'ROUTE_INVALID', 'gateway', text, parseIp);
  if (ip.family === family) return formatIp(ip);
  throw new PlanError(
    'ROUTE_INVALID',
    `Cannot plan interface "${ifname}": gateway is "${text}", expected an IPv${family} address`,
  );
}

function attempt<T>(
  ifname: string,
  code: 'ADDRESS_INVALID' | 'ROUTE_INVALID',
  what: string,
  text: string,
  parse: (text: string) => T,
): T {
  try {
    return parse(text);
  } catch (error) {
    throw new PlanError(code, `Cannot plan interface "${ifname}": ${what} is "${text}" (${messageOf(error)})`, {
      cause: error,
    });
  }
}
