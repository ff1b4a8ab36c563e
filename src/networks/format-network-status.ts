import type { CniDns } from '#cni';
import type { NetworkStatus } from './network-status.ts';

const INDENT = 4;

/**
 * Text of the network-status annotation. To the byte what Multus writes, since people and scripts match on it:
 * each object printed on its own with four spaces, the objects joined by a bare comma.
 */
export function formatNetworkStatus(entries: readonly NetworkStatus[]): string {
  return `[${entries.map(formatEntry).join(',')}]`;
}

function formatEntry(entry: NetworkStatus): string {
  // Named one by one: the order is part of the text, and dns has no empty members.
  const ordered = {
    name: entry.name,
    interface: entry.interface,
    ips: entry.ips,
    mac: entry.mac,
    mtu: entry.mtu,
    default: entry.default,
    dns: orderDns(entry.dns),
    'device-info': entry['device-info'],
    gateway: entry.gateway,
  };
  return escapeAsGo(JSON.stringify(ordered, undefined, INDENT));
}

function orderDns(dns: CniDns): CniDns {
  return {
    ...(isFilled(dns.nameservers) ? { nameservers: dns.nameservers } : {}),
    ...(isFilled(dns.domain) ? { domain: dns.domain } : {}),
    ...(isFilled(dns.search) ? { search: dns.search } : {}),
    ...(isFilled(dns.options) ? { options: dns.options } : {}),
  };
}

function isFilled<T extends { readonly length: number }>(value: T | undefined): value is T {
  return value !== undefined && value.length > 0;
}

/** Go's encoder escapes these, so that JSON may stand in HTML. */
function escapeAsGo(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
