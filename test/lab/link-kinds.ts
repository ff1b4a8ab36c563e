import { namespaceWrapper } from '../../scripts/test/namespace.ts';
import { runChild } from '../../scripts/test/run-child.ts';

// No tunnels such as gre: loading them puts links of the kernel's own making into every later namespace.
/** A link of each kind, as `ip` is told to make `x`, beside a veth called `base0`. */
const LINKS: Readonly<Record<string, string>> = {
  bond: 'link add x type bond',
  bridge: 'link add x type bridge',
  vlan_filtering: 'link add x type bridge vlan_filtering 1',
  dummy: 'link add x type dummy',
  geneve: 'link add x type geneve id 5 remote 192.0.2.1',
  ifb: 'link add x type ifb',
  ipvlan: 'link add x link base0 type ipvlan',
  macvlan: 'link add x link base0 type macvlan',
  macvtap: 'link add x link base0 type macvtap',
  tun: 'tuntap add x mode tap',
  veth: 'link add x type veth peer name y',
  vlan: 'link add x link base0 type vlan id 5',
  vrf: 'link add x type vrf table 5',
  vxlan: 'link add x type vxlan id 5 dev base0 dstport 4789',
};

/** All that probeLinkKinds() knows. */
export const LINK_KINDS: readonly string[] = Object.keys(LINKS);

/** Which kinds of links the kernel makes, asked through `ip`, in throw-away namespaces. */
export async function probeLinkKinds(): Promise<readonly string[]> {
  const tries = Object.entries(LINKS).map(
    ([kind, words]) => `if ip ${words} 2>/dev/null; then echo '${kind}'; ip link del x; fi`,
  );
  const script = ['ip link add base0 type veth peer name base1', ...tries].join('\n');
  const { problem, output } = await runChild({
    command: ['env', ...namespaceWrapper(), 'sh', '-c', script],
    timeoutMs: 30_000,
  });
  if (problem !== undefined) throw new Error(`Cannot ask the kernel for its link kinds: ${problem}\n${output}`);
  return output.split('\n').filter(line => Object.hasOwn(LINKS, line));
}

/** What `underlane capabilities` says of the kernel, in throw-away namespaces. */
export async function printCapabilities(): Promise<string> {
  const command = ['env', ...namespaceWrapper(), process.execPath, 'src/cli/main.ts', 'capabilities'];
  const { problem, output } = await runChild({ command, timeoutMs: 60_000 });
  if (problem !== undefined) throw new Error(`Cannot ask the kernel for its capabilities: ${problem}\n${output}`);
  return output;
}
