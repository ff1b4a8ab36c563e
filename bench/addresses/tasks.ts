/** What the bench asks of the processes that take addresses, and what they answer. */
import type { RequestCounts } from './counting-client.ts';

export type Task =
  /** Takes one address each for pods `from` to `from` + `count` - 1, so many at a time. */
  | {
      readonly kind: 'take';
      readonly range: string;
      readonly run: string;
      readonly from: number;
      readonly count: number;
      readonly atOnce: number;
    }
  /** Creates objects of the same size and does nothing else: what the API server gives. */
  | {
      readonly kind: 'create';
      readonly run: string;
      readonly from: number;
      readonly count: number;
      readonly atOnce: number;
    }
  /** Resolves when its cache has so many claims: all of them, or the node's. */
  | { readonly kind: 'know'; readonly claims: number };

export interface Done {
  /** From the first call to the last answer. */
  readonly seconds: number;
  /** Of each address, in milliseconds. */
  readonly times: readonly number[];
  readonly addresses: readonly string[];
  readonly requests: RequestCounts;
  readonly rssMb: number;
}
