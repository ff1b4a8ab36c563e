import * as z from 'zod/mini';
import { objectSchema } from '../object-schema.ts';
import type {
  OverlappingRangeIPReservation,
  OverlappingRangeIPReservationSpec,
} from './overlapping-range-ip-reservation.ts';

/** What an OverlappingRangeIPReservation must look like. The source of its CRD. */
export function overlappingRangeIPReservationSchema() {
  const spec = z.object({
    containerid: z.exactOptional(
      z.string().check(z.describe('Container (sandbox) ID; where only the pod is known, its UID')),
    ),
    podref: z.string().check(z.describe('namespace/name of the pod')),
    ifname: z.exactOptional(z.string().check(z.describe('Interface name inside the pod'))),
  }) satisfies z.ZodMiniType<OverlappingRangeIPReservationSpec>;
  return objectSchema({ spec }) satisfies z.ZodMiniType<OverlappingRangeIPReservation>;
}
