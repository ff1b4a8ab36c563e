import { SPIDER_IP_POOLS, type SpiderIPPool, type SpiderRoute } from '#api';
import type { CniRoute } from '#cni';
import { type Family, formatIp, type IntervalSet, subtract } from '#ip';
import { detectionOf } from '../../config/detection.ts';
import type { Pool } from '../../store/claim-store.ts';
import { formatAddressRanges } from './address-ranges.ts';
import type { ReadAddresses } from './read-addresses.ts';
import { routesWithin } from './routes.ts';
import { unusableOf } from './unusable-addresses.ts';

/** What a pool becomes for one interface of one pod. */
export interface PoolUse {
  readonly scope: string;
  /** No default route. */
  readonly cleanGateway: boolean;
  /** Of the pod's annotation: those whose next hop lies in the pool's network. */
  readonly podRoutes: readonly SpiderRoute[];
  readonly reserved: IntervalSet;
  /** Nobody gets an address of it; who has one keeps it. */
  readonly isClosed: boolean;
}

/** The pool as the engine takes addresses from it. @throws IpamError BAD_CONFIG for its detection */
export function toPool({ metadata, spec }: SpiderIPPool, read: ReadAddresses, use: PoolUse): Pool {
  const { subnet, total, listed, gateway } = read;
  const { family } = subnet;
  const own = gateway === undefined ? undefined : formatIp(gateway);
  const spoken: readonly CniRoute[] = [
    ...(own === undefined || use.cleanGateway ? [] : [{ dst: family === 4 ? '0.0.0.0/0' : '::/0', gw: own }]),
    ...read.routes,
    ...routesWithin(use.podRoutes, spec.subnet),
  ];
  return {
    ref: { dialect: 'spiderpool', kind: SPIDER_IP_POOLS.kind, name: metadata.name },
    scope: use.scope,
    family,
    prefixLength: subnet.length,
    text: `IPPool ${metadata.name} (${summary(total, family)})`,
    usable: use.isClosed ? [] : subtract(total, [...use.reserved, ...unusableOf(subnet)]),
    kept: listed,
    order: 'unused-first',
    ...(own === undefined ? {} : { gateway: own }),
    ...(spoken.length === 0 ? {} : { routes: spoken }),
    ...detectionOf(metadata, `SpiderIPPool "${metadata.name}"`),
  };
}

/** As many ranges as an error shows. */
const SHOWN = 3;

function summary(total: IntervalSet, family: Family): string {
  const shown = formatAddressRanges(total.slice(0, SHOWN), family).join(', ');
  if (total.length === 0) return 'no addresses';
  return total.length > SHOWN ? `${shown} and ${total.length - SHOWN} more ranges` : shown;
}
