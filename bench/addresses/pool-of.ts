import { type Pool, parseIpam } from '#ipam';

/** The pool of a Whereabouts range. */
export function poolOf(range: string): Pool {
  const ipam = parseIpam({ type: 'whereabouts', range }, { networkName: 'lan', source: 'the bench' });
  const [pool] = ipam.dialect === 'whereabouts' ? ipam.pools : [];
  if (pool === undefined) throw new TypeError('no pool');
  return pool;
}

/** The attachment of a pod: of one size, whichever it is. */
export function ownerOf(run: string, number: number) {
  return {
    podNamespace: 'default',
    podName: `web-${number}`,
    podUid: `${run}-0000-4000-8000-${String(number).padStart(12, '0')}`,
    network: 'default/lan',
    interface: 'net1',
    slot: 0,
  };
}
