import { randomBytes, randomUUID } from 'node:crypto';
import { SandboxError } from '../errors.ts';
import type { SandboxPod } from '../resources.ts';
import { runCommand } from '../run-command.ts';
import { type ConfigList, loadDefaultNetwork } from './cni-config.ts';
import type { CniContainer, CniRuntime } from './cni-runtime.ts';

/** A pod's network namespace with its network, as a container runtime keeps it. */
export interface PodSandbox {
  readonly containerId: string;
  readonly netns: string;
  /** Addresses of eth0, IPv4 first if the network says so. */
  readonly ips: readonly string[];
  /** The network it was attached to: detaching uses the same. */
  readonly network: ConfigList;
}

export interface SandboxMaker {
  /** Clears away what an earlier attempt has left, then tries anew. @throws SandboxError CNI_FAILED, NOT_FOUND, BAD_CONFIG */
  create(pod: SandboxPod): Promise<PodSandbox>;
  /** Detaches, then removes the namespace. Safe to repeat. @throws SandboxError CNI_FAILED: the namespace stays */
  remove(pod: SandboxPod, sandbox: PodSandbox): Promise<void>;
  /**
   * Removes what the last attempt to create a sandbox for the pod could not clear away itself, as when the agent ended during ADD and
   * did not answer DEL either. @throws SandboxError CNI_FAILED: try again
   */
  sweep(pod: SandboxPod): Promise<void>;
}

/** Container runtimes bring `lo` up with a plugin as well, from a configuration of their own. */
const LOOPBACK: ConfigList = { cniVersion: '0.3.1', name: 'cni-loopback', plugins: [{ type: 'loopback' }] };

export function createSandboxMaker(cni: CniRuntime, confDir: string): SandboxMaker {
  const leftovers = new Map<string, PodSandbox>();

  async function remove(pod: SandboxPod, sandbox: PodSandbox): Promise<void> {
    await cni.del(sandbox.network, container(pod, sandbox, 'eth0'));
    await cni.del(LOOPBACK, container(pod, sandbox, 'lo'));
    await runCommand('ip', ['netns', 'del', sandbox.netns.slice('/run/netns/'.length)]);
  }
  async function sweep(pod: SandboxPod): Promise<void> {
    const uid = pod.metadata.uid ?? '';
    const leftover = leftovers.get(uid);
    if (leftover === undefined) return;
    await remove(pod, leftover);
    leftovers.delete(uid);
  }

  return {
    async create(pod) {
      await sweep(pod);
      const network = await loadDefaultNetwork(confDir);
      const name = `cni-${randomUUID()}`;
      const sandbox: PodSandbox = {
        containerId: randomBytes(32).toString('hex'),
        netns: `/run/netns/${name}`,
        ips: [],
        network,
      };
      await runCommand('ip', ['netns', 'add', name]);
      try {
        await cni.add(LOOPBACK, container(pod, sandbox, 'lo'));
        const result = await cni.add(network, container(pod, sandbox, 'eth0'));
        return { ...sandbox, ips: addressesOf(result, 'eth0') };
      } catch (error) {
        leftovers.set(pod.metadata.uid ?? '', sandbox);
        await sweep(pod).catch((cause: unknown) => {
          throw new AggregateError([error, cause], String(error instanceof Error ? error.message : error));
        });
        throw error;
      }
    },
    remove,
    sweep,
  };
}

/** What containerd passes on for a pod. */
function container(pod: SandboxPod, { containerId, netns }: PodSandbox, ifname: string): CniContainer {
  const { namespace, name, uid } = pod.metadata;
  const args = [
    'IgnoreUnknown=1',
    `K8S_POD_NAMESPACE=${namespace}`,
    `K8S_POD_NAME=${name}`,
    `K8S_POD_INFRA_CONTAINER_ID=${containerId}`,
    `K8S_POD_UID=${uid}`,
  ].join(';');
  return { containerId, netns, ifname, args };
}

/** The addresses that a CNI result gives to one interface of the container. */
export function addressesOf(result: unknown, ifname: string): string[] {
  // The result of a third-party program: taken apart as far as a runtime needs it.
  const { ips, interfaces } = (result ?? {}) as {
    readonly ips?: readonly { readonly address?: string; readonly interface?: number }[];
    readonly interfaces?: readonly { readonly name?: string; readonly sandbox?: string }[];
  };
  const addresses = (ips ?? [])
    .filter(ip => {
      const on = ip.interface === undefined ? undefined : interfaces?.[ip.interface];
      return on === undefined || (on.name === ifname && (on.sandbox ?? '') !== '');
    })
    .flatMap(ip => (ip.address === undefined ? [] : [ip.address.replace(/\/.*/, '')]));
  if (addresses.length === 0)
    throw new SandboxError(
      'CNI_FAILED',
      `failed to find network info for sandbox: no address of "${ifname}" in the result`,
    );
  return addresses;
}
