import type { CniDns, CniResult, CniRoute } from '#cni';
import type { Facts } from '#facts';
import type { Wiring } from '#wiring';

/**
 * A plugin: parse a config once at the border, then plan. Pure; never imports ipam, never touches the kernel.
 * See docs/design/plan-then-apply.md.
 */
export interface Plugin<Config = unknown> {
  readonly type: string;
  /** Parses and validates one plugin object of a network. @throws ConfigError naming field, value and what was expected */
  parse(raw: Readonly<Record<string, unknown>>): Config;
  /** Whether ADD fails without a `prevResult` ("must be called as a chained plugin"). */
  readonly isChained: boolean;
  /** Devices of the node that the plan looks up and that no other attachment may have, by their address on the bus. */
  devices?(config: Config): readonly string[];
  /** Desired state and CNI result. @throws PlanError when the facts do not allow it (no master, name taken, MTU) */
  plan(input: PlanInput<Config>): Plan;
}

export interface PlanInput<Config> {
  readonly config: Config;
  readonly attachment: AttachmentSpec;
  /** What IPAM gave; undefined when the config has no `ipam`. */
  readonly ipam?: IpamResult;
  readonly prevResult?: CniResult;
  /** Facts with the wiring planned so far in this request already laid over them. */
  readonly facts: Facts;
}

export interface AttachmentSpec {
  readonly containerId: string;
  readonly ifname: string;
  /** CNI_NETNS, as it goes into the result's `sandbox`. */
  readonly netns: string;
  /** From the journal: makes planned MACs differ between two ADDs of one container. */
  readonly nonce: string;
  /** Requested MAC: runtimeConfig.mac > CNI_ARGS MAC (> the config's own, which the plugin knows). */
  readonly mac?: string;
}

export interface IpamResult {
  readonly ips: readonly { readonly address: string; readonly gateway?: string }[];
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
  /** Some of the addresses are still in use elsewhere: the link is not to announce them by itself. */
  readonly isShared?: true;
}

export interface Plan {
  readonly wiring: Wiring;
  readonly result: CniResult;
}
