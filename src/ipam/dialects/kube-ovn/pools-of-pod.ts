import type { KubeOvnIPPool } from '#api';
import { showValue } from '#base';
import { has, type Ip } from '#ip';
import { IpamError } from '../../errors.ts';
import type { AddressAsk } from './asked-of-subnet.ts';
import { isPoolOf, type NamespaceOfPod } from './namespace-of-pod.ts';
import type { ReadPool } from './pool-members.ts';
import type { SubnetInUse } from './subnet-pools.ts';

/** Whose pools are looked for. */
export interface PoolUser {
  /** For errors: `network "default/lan"`. */
  readonly source: string;
  /** Undefined in plain CNI. */
  readonly namespace: NamespaceOfPod | undefined;
}

/**
 * The IPPools of a Subnet that a pod's addresses are of: those that it names, in order, else those that are for its namespace;
 * none: the Subnet's own.
 * @param all of the whole cluster
 * @throws IpamError NO_POOL, POOL_NOT_FOR_POD, BAD_POOL
 */
export function poolsOfPod(
  inUse: SubnetInUse,
  all: readonly ReadPool[],
  ask: AddressAsk,
  user: PoolUser,
): readonly ReadPool[] {
  if (ask.kind !== 'pools') {
    const rank = ({ pool }: ReadPool): number => {
      const named = user.namespace?.ipPools ?? [];
      const place = named.indexOf(pool.metadata.name);
      return place < 0 ? named.length : place;
    };
    return inUse.ipPools
      .filter(({ pool }) => isPoolOf(pool, user.namespace))
      .toSorted((a, b) => rank(a) - rank(b) || (a.pool.metadata.name < b.pool.metadata.name ? -1 : 1));
  }
  return ask.names.map(name => {
    const found = all.find(({ pool }) => pool.metadata.name === name);
    const begin = `Cannot take an address for ${user.source}: ${ask.by} names IPPool ${showValue(name)}`;
    if (found === undefined) {
      throw new IpamError('NO_POOL', `${begin}, which does not exist`, { retriable: true, details: { pool: name } });
    }
    const { pool, reading } = found;
    const { subnet } = inUse;
    if (pool.spec.subnet !== subnet.metadata.name) {
      const why = `which is of Subnet "${pool.spec.subnet}", expected one of Subnet "${subnet.metadata.name}"`;
      throw new IpamError('POOL_NOT_FOR_POD', `${begin}, ${why}`, { details: { pool: name } });
    }
    requireNamespace(pool, user, begin);
    const [problem] = reading.problems;
    if (problem !== undefined) {
      throw new IpamError('BAD_POOL', `${begin}, whose ${problem.message}`, {
        retriable: true,
        details: { pool: name },
      });
    }
    return found;
  });
}

/**
 * Refuses addresses, asked for one by one, of IPPools that are for other namespaces; but for what the pod has already: such an
 * IPPool may have come later.
 * @throws IpamError POOL_NOT_FOR_POD; ApiError
 */
export async function requireOwnAddresses(
  { ipPools }: SubnetInUse,
  ask: AddressAsk,
  user: PoolUser,
  isHeld: (address: Ip) => Promise<boolean>,
): Promise<void> {
  if (ask.kind !== 'fixed' && ask.kind !== 'list') return;
  const pairs = ask.kind === 'fixed' ? [ask.pair] : ask.pairs;
  const closed = ipPools.filter(({ pool }) => !isFor(pool, user));
  if (closed.length === 0) return;
  for (const ip of pairs.flatMap(pair => Object.values(pair))) {
    const holder = closed.find(({ reading }) => has(reading.members[ip.family], ip.value))?.pool;
    if (holder === undefined || (await isHeld(ip))) continue;
    const begin = `Cannot take an address for ${user.source}: ${ask.by} asks for ${ip.text} of IPPool "${holder.metadata.name}"`;
    requireNamespace(holder, user, begin);
  }
}

function requireNamespace(pool: KubeOvnIPPool, user: PoolUser, begin: string): void {
  if (isFor(pool, user)) return;
  throw new IpamError(
    'POOL_NOT_FOR_POD',
    `${begin}, whose namespaces are ${pool.spec.namespaces?.join(', ')}, expected ${user.namespace?.name ?? 'none'} among them`,
    { details: { pool: pool.metadata.name } },
  );
}

/** A pool that names no namespaces is for all. */
function isFor(pool: KubeOvnIPPool, user: PoolUser): boolean {
  return (pool.spec.namespaces ?? []).length === 0 || isPoolOf(pool, user.namespace);
}
