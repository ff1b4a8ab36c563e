import { writeFile } from 'node:fs/promises';

/**
 * Sets the calling process's network namespace up as a node with these NICs: what a Debian machine prepared for Kubernetes has. A new
 * namespace starts with whatever this machine uses.
 */
export async function writeNodeSysctls(nics: readonly string[]): Promise<void> {
  const values: Readonly<Record<string, string>> = {
    'net/ipv4/ip_forward': '1',
    'net/ipv4/conf/all/rp_filter': '0',
    'net/ipv4/conf/default/rp_filter': '2',
    ...Object.fromEntries(nics.map(nic => [`net/ipv4/conf/${nic}/rp_filter`, '2'])),
    // The exception: the checks ask Services that the proxy is just hearing of. By default the kernel sends one client a few refusals, or none
    // after it forwarded for that client out of the same NIC, and then one a second; a client that hears none waits 1 s to send its SYN again.
    'net/ipv4/icmp_ratelimit': '0',
  };
  await Promise.all(Object.entries(values).map(([path, value]) => writeFile(`/proc/sys/${path}`, value)));
}
