import type { Family } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import { nicAddress } from './address-checks.ts';
import type { Check } from './check.ts';
import { podTarget, podTitle, podVantage } from './places.ts';
import { requestCheck } from './vantage.ts';

/** The additional network of two pods, both ways: it is reached over net1 only if the other side sees net1's address as the client. */
export function net1Checks(name: string, stateDir: string, a: SandboxPod, b: SandboxPod, family: Family): Check[] {
  return [net1Check(name, stateDir, a, b, family), net1Check(name, stateDir, b, a, family)];
}

function net1Check(name: string, stateDir: string, client: SandboxPod, server: SandboxPod, family: Family): Check {
  const place = { name, family, from: podVantage(stateDir, client), to: `${podTitle(server)} net1` };
  return {
    ...place,
    from: place.from.name,
    attempt() {
      const target = { ...podTarget(server, family), host: nicAddress(server, 'net1', family), path: '/clientip' };
      return requestCheck({ ...place, target, expected: [nicAddress(client, 'net1', family)] }).attempt();
    },
  };
}
