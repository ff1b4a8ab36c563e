/** A cluster that Whereabouts has given addresses in. */
import { OVERLAPPING_RANGE_IP_RESERVATIONS, WHEREABOUTS_IP_POOLS } from '#api';
import type { KubeClient } from '#kube';
import { createNetwork, createPod } from '../testing.ts';

export const POOL = { namespace: 'kube-system', name: '192.168.2.224-28' };
export const RESERVATION = { namespace: 'kube-system', name: '192.168.2.225' };

/** Records of pods that are there, were there, and were there before. */
export async function whereaboutsCluster(client: KubeClient): Promise<void> {
  await createNetwork(client, 'lan', { type: 'whereabouts', range: '192.168.2.225/28' });
  const lan = { name: 'default/lan', interface: 'net1' };
  await createPod(client, 'a', { networks: 'lan', status: [{ ...lan, ips: ['192.168.2.225'] }] });
  await createPod(client, 'again', { networks: 'lan', status: [{ ...lan, ips: ['192.168.2.230'] }] });
  await client.create(WHEREABOUTS_IP_POOLS, {
    metadata: POOL,
    spec: {
      range: '192.168.2.224/28',
      allocations: {
        '1': { id: 'c1', podref: 'default/a', ifname: 'net1' },
        '2': { id: 'c2', podref: 'default/gone', ifname: 'net1' },
        // Of a pod of the same name that was there before.
        '3': { id: 'c3', podref: 'default/again', ifname: 'net1' },
        // As definitions drop it that are older than the field.
        '6': { id: 'c4', podref: 'default/again' },
      },
    },
  });
  await client.create(OVERLAPPING_RANGE_IP_RESERVATIONS, {
    metadata: RESERVATION,
    spec: { podref: 'default/a', containerid: 'c1' },
  });
}
