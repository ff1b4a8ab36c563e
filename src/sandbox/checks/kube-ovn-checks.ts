import { KUBE_OVN_IPS } from '#api';
import type { KubeClient } from '#kube';
import type { Family, PerFamily } from '../family.ts';
import type { SandboxPod } from '../resources.ts';
import { addressCheck } from './address-checks.ts';
import { type Check, checkFailed } from './check.ts';
import { pairOf, podNamed } from './find-pods.ts';
import { net1Checks } from './multinet-checks.ts';
import { viewCheck } from './view-check.ts';

/** What the example's Subnet hands out, as its pods ask for it. */
const SUBNET: PerFamily<{ readonly prefix: string; readonly fixed: string; readonly pool: readonly string[] }> = {
  IPv4: { prefix: '172.17.', fixed: '172.17.0.100', pool: ['172.17.0.200', '172.17.0.201', '172.17.0.202'] },
  IPv6: {
    prefix: 'fd00:172:17:',
    fixed: 'fd00:172:17::100',
    pool: ['fd00:172:17::200', 'fd00:172:17::201', 'fd00:172:17::202'],
  },
};

/** The pods whose second NIC has an address of a Kube-OVN Subnet. */
export function kubeOvnChecks(stateDir: string, pods: readonly SandboxPod[], family: Family): Check[] {
  const { prefix, fixed, pool } = SUBNET[family];
  const [random, named] = [podNamed(pods, 'random-ip'), podNamed(pods, 'static-ip')];
  const nic = 'net1';
  const members = pairOf(pods, 'static-workload').map(pod =>
    addressCheck({
      name: "address of a workload's own pool",
      pod,
      nic,
      family,
      wanted: `one of ${pool[0]}-${pool.at(-1)}`,
      isRight: address => pool.includes(address),
    }),
  );
  return [
    addressCheck({
      name: 'address of a Subnet',
      pod: random,
      nic,
      family,
      wanted: `of ${prefix}*`,
      isRight: address => address.startsWith(prefix),
    }),
    addressCheck({
      name: 'fixed address of a Subnet',
      pod: named,
      nic,
      family,
      wanted: fixed,
      isRight: address => address === fixed,
    }),
    ...members,
    ...net1Checks('net1 to net1 of a Subnet', stateDir, random, named, family),
  ];
}

/** What Kube-OVN's own objects say of it. */
export function kubeOvnViewChecks(client: KubeClient, families: readonly Family[]): Check[] {
  const name = 'static-ip.default.macvlan.default';
  return [
    viewCheck('IP of Kube-OVN shows the pod', null, name, async () => {
      const { spec } = await client.get(KUBE_OVN_IPS, { name });
      const shown: PerFamily<string | undefined> = { IPv4: spec.v4IpAddress, IPv6: spec.v6IpAddress };
      for (const family of families) {
        const { fixed } = SUBNET[family];
        if (shown[family] !== fixed) throw checkFailed(`IP "${name}" shows ${shown[family]}, expected ${fixed}`);
      }
    }),
  ];
}
