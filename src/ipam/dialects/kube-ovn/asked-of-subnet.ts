import { showValue } from '#base';
import { type Family, findIp, findPrefix, type Ip } from '#ip';
import { IpamError } from '../../errors.ts';
import { askedOf } from '../../wishes/asked-addresses.ts';
import type { WishContext } from '../../wishes/wishes.ts';
import type { Annotation, PodAnnotations } from './pod-annotations.ts';

/** An address with or without prefix length, and what it is. */
export interface AskedIp extends Ip {
  readonly text: string;
}

/** One address of each family at most. */
export type AddressPair = Partial<Readonly<Record<Family, AskedIp>>>;

/** Which addresses a pod asks for on one interface. */
export type AddressAsk =
  | { readonly kind: 'any' }
  /** These, by whom they are asked for. */
  | { readonly kind: 'fixed'; readonly pair: AddressPair; readonly by: string }
  /** One of these, the first that is free; a pod with a number takes the one of its number. */
  | { readonly kind: 'list'; readonly pairs: readonly AddressPair[]; readonly by: string }
  /** Of IPPools, tried in order. */
  | { readonly kind: 'pools'; readonly names: readonly string[]; readonly by: string };

/**
 * Reads what a pod asks for: `ips` of its network selection, then `ip_address`, then `ip_pool`.
 * @throws IpamError BAD_ANNOTATION
 */
export function readAsk(annotations: PodAnnotations, { asked, pod }: Pick<WishContext, 'asked' | 'pod'>): AddressAsk {
  const ips = askedOf(asked);
  if (ips.length > 0)
    return { kind: 'fixed', pair: readPair(ips, 'ips', ips.join(',')), by: `ips of its network selection` };
  const of = (annotation: Annotation): string => describe(annotation, pod?.metadata);
  const pool = annotations.find('ip_pool');
  // Whoever allocates writes the address there: beside a list it is that, and perhaps of a claim that is not the pod's any more.
  const isResult = pool !== undefined && annotations.find('allocated')?.text === 'true';
  const address = isResult ? undefined : annotations.find('ip_address');
  if (address !== undefined) {
    const by = of(address);
    return { kind: 'fixed', pair: readPair(split(address.text, ','), by, address.text), by };
  }
  return pool === undefined ? { kind: 'any' } : readPool(pool.text, of(pool));
}

/** The one family that a pod asks for by `ip_family`. @throws IpamError BAD_ANNOTATION */
export function readAskedFamily(annotations: PodAnnotations, pod: WishContext['pod']): Family | undefined {
  const found = annotations.find('ip_family');
  if (found === undefined) return undefined;
  if (found.text === 'ipv4') return 4;
  if (found.text === 'ipv6') return 6;
  throw wrong(describe(found, pod?.metadata), found.text, '"ipv4" or "ipv6"');
}

/** `a;b` and `a4,a6;b4,b6` are lists, `a4,a6` is one address of each family, `a,b` of one family a list, anything else names. */
function readPool(text: string, by: string): AddressAsk {
  const entries = split(text, ';');
  const [only = ''] = entries;
  const parts = split(only, ',');
  if (parts.length === 0) throw wrong(by, text, 'addresses, or names of IPPools');
  if (entries.length === 1 && !parts.some(part => findAsked(part) !== undefined))
    return { kind: 'pools', names: parts, by };
  if (entries.length > 1) {
    return { kind: 'list', pairs: entries.map(entry => readPair(split(entry, ','), by, text)), by };
  }
  const asked = parts.map(part => readAsked(part, by, text));
  const families = new Set(asked.map(({ family }) => family));
  if (families.size === 2) return { kind: 'list', pairs: [pairUp(asked, by, text)], by };
  return { kind: 'list', pairs: asked.map(ip => ({ [ip.family]: ip })), by };
}

function readPair(parts: readonly string[], by: string, text: string): AddressPair {
  if (parts.length === 0) throw wrong(by, text, 'an address in each place');
  return pairUp(
    parts.map(part => readAsked(part, by, text)),
    by,
    text,
  );
}

function pairUp(asked: readonly AskedIp[], by: string, text: string): AddressPair {
  const pair: { [F in Family]?: AskedIp } = {};
  for (const ip of asked) {
    if (pair[ip.family] !== undefined) throw wrong(by, text, 'at most one address of each family');
    pair[ip.family] = ip;
  }
  return pair;
}

function readAsked(part: string, by: string, text: string): AskedIp {
  const ip = findAsked(part);
  if (ip === undefined) throw wrong(by, text, `addresses, of which ${showValue(part)} is none`);
  return ip;
}

function findAsked(text: string): AskedIp | undefined {
  const ip = findIp(text);
  if (ip !== undefined) return { ...ip, text };
  const prefix = findPrefix(text);
  return prefix === undefined ? undefined : { family: prefix.family, value: prefix.address, text };
}

function split(text: string, separator: ',' | ';'): readonly string[] {
  return text
    .split(separator)
    .map(part => part.trim())
    .filter(part => part !== '');
}

/** For errors: `annotation "macvlan.default.kubernetes.io/ip_pool" of pod "default/web-0"`. */
export function describe(
  { key }: Annotation,
  pod: { readonly namespace?: string; readonly name: string } | undefined,
): string {
  return `annotation "${key}" of pod "${pod?.namespace ?? 'default'}/${pod?.name ?? 'unknown'}"`;
}

/** An annotation that says something that cannot be. */
export function wrong(by: string, text: string, expected: string): IpamError {
  return new IpamError('BAD_ANNOTATION', `Cannot use ${by}: its value is ${showValue(text)}, expected ${expected}`, {
    details: { annotation: by, value: showValue(text) },
  });
}
