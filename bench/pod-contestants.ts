import { join } from 'node:path';
import { NETWORKS } from './bench-cluster.ts';
import { type CniContestant, debianConfig, type OwnBuild } from './contestants.ts';
import type { BenchPod } from './pods.ts';

/** One call of `underlane` a pod: everything else it learns from the cluster. */
export function ownClusterPod({ label, cniPath, env }: OwnBuild): CniContestant {
  const program = join(cniPath, 'underlane');
  const config = { cniVersion: '1.0.0', name: 'underlane', type: 'underlane' };
  const call = ({ name, containerId, netns }: BenchPod) => {
    const args = `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=${name};K8S_POD_INFRA_CONTAINER_ID=${containerId}`;
    return { program, containerId, netns, ifname: 'eth0', cniPath, config, env: { ...env, CNI_ARGS: args } };
  };
  return {
    name: `${label}: macvlan + whereabouts`,
    add: pod => [{ ...call(pod), command: 'ADD' }],
    del: pod => [{ ...call(pod), command: 'DEL' }],
  };
}

/** Debian's macvlan and host-local, once for each of the pod's interfaces, one after another as a meta-plugin would. */
export function debianPod(cniPath: string, workDir: string, networks: number): CniContestant {
  const program = join(cniPath, 'macvlan');
  const interfaces = ['eth0', ...NETWORKS.slice(0, networks)];
  const calls = ({ containerId, netns }: BenchPod, prevResults?: readonly string[]) =>
    interfaces.map((ifname, index) => {
      const config = debianConfig(`debian-${ifname}`, join(workDir, 'host-local-pods'));
      const prevResult = prevResults === undefined ? {} : { prevResult: JSON.parse(prevResults[index] ?? '') };
      return { program, containerId, netns, ifname, cniPath, config: { ...config, ...prevResult } };
    });
  return {
    name: "Debian's: macvlan + host-local",
    add: pod => calls(pod).map(call => ({ ...call, command: 'ADD' })),
    del: (pod, added) =>
      calls(pod, added)
        .map(call => ({ ...call, command: 'DEL' as const }))
        .reverse(),
  };
}
