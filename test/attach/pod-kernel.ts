/** What a pod of a test has in its namespace, as `ip` says. */
import { ip } from './world.ts';

/** Addresses of a sandbox's interface with their prefix lengths, comma-separated. */
export function addressOf(sandbox: string, link = 'net1', family: 4 | 6 = 4): string {
  const links = JSON.parse(ip(`-n ul-test-${sandbox} -j -${family} addr show ${link} scope global`)) as {
    readonly addr_info?: readonly { readonly local?: string; readonly prefixlen?: number }[];
  }[];
  const addresses = links.flatMap(({ addr_info = [] }) => addr_info).filter(({ local }) => local !== undefined);
  return addresses.map(({ local, prefixlen }) => `${local}/${prefixlen}`).join();
}

/** IPv4 routes of the main table by way of a sandbox's interface: `default via 10.0.0.1`. */
export function routesOf(sandbox: string, link = 'net1'): readonly string[] {
  const routes = JSON.parse(ip(`-n ul-test-${sandbox} -j route show dev ${link}`)) as {
    readonly dst: string;
    readonly gateway?: string;
  }[];
  return routes.map(({ dst, gateway }) => (gateway === undefined ? dst : `${dst} via ${gateway}`)).sort();
}

/** MAC address of a sandbox's interface. */
export function macOf(sandbox: string, link = 'net1'): string {
  const links = JSON.parse(ip(`-n ul-test-${sandbox} -j link show ${link}`)) as { readonly address: string }[];
  return links[0]?.address ?? '';
}
