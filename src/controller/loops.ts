import { AUTO_POOLS_LOOP } from './auto-pools/auto-pools.ts';
import { COLLECT_LOOP } from './collect/collect-claims.ts';
import type { Loop } from './loop.ts';
import { POOLS_LOOP } from './pools/pools-loop.ts';
import { PREALLOCATE_LOOP } from './preallocate/preallocate.ts';
import { VIEWS_LOOP } from './views/views-loop.ts';
import { WEBHOOK_LOOPS } from './webhooks/webhook-loops.ts';

/** All of them. Their order means nothing. */
export const LOOPS: readonly Loop[] = [
  AUTO_POOLS_LOOP,
  COLLECT_LOOP,
  POOLS_LOOP,
  PREALLOCATE_LOOP,
  VIEWS_LOOP,
  ...WEBHOOK_LOOPS,
];
