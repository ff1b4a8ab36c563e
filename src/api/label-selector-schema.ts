import * as z from 'zod/mini';
import type { LabelSelector } from './label-selector.ts';

/** A label selector, as the API server itself takes it. */
export function labelSelectorSchema() {
  return z.object({
    matchLabels: z.exactOptional(z.record(z.string(), z.string())),
    matchExpressions: z.exactOptional(
      z.array(z.object({ key: z.string(), operator: z.string(), values: z.exactOptional(z.array(z.string())) })),
    ),
  }) satisfies z.ZodMiniType<LabelSelector>;
}
