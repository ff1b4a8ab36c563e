import { type Family, familyOf } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import { type Check, checkFailed } from './check.ts';
import { readNetworkStatus } from './network-status.ts';
import { podTarget, podTitle, podVantage } from './places.ts';
import { requestCheck } from './vantage.ts';

/** The additional network is reached over net1 only if the other side sees net1's address as the client. */
export function multinetChecks(stateDir: string, pods: readonly SandboxPod[], family: Family): Check[] {
  const [first, second] = pods;
  if (first === undefined || second === undefined)
    throw checkFailed(`there are ${pods.length} pods with two NICs, expected 2`);
  return [net1Check(stateDir, first, second, family), net1Check(stateDir, second, first, family)];
}

function net1Check(stateDir: string, client: SandboxPod, server: SandboxPod, family: Family): Check {
  const place = {
    name: 'net1 to net1, across nodes',
    family,
    from: podVantage(stateDir, client),
    to: `${podTitle(server)} net1`,
  };
  return {
    ...place,
    from: place.from.name,
    attempt() {
      const target = { ...podTarget(server, family), host: net1Address(server, family), path: '/clientip' };
      return requestCheck({ ...place, target, expected: [net1Address(client, family)] }).attempt();
    },
  };
}

function net1Address(pod: SandboxPod, family: Family): string {
  const ips = readNetworkStatus(pod).find(entry => entry.interface === 'net1')?.ips ?? [];
  const address = ips.find(ip => familyOf(ip) === family);
  if (address === undefined)
    throw checkFailed(`network-status of pod "${pod.metadata.name}" has no ${family} address for net1`);
  return address;
}
