import type { NftFamily } from '../nft-family.ts';
import type { NftExpression } from './nft-expression.ts';

/** What tables, chains and rules belong to. */
export interface NftTable {
  readonly family: NftFamily;
  readonly name: string;
}

export interface NftChain {
  readonly family: NftFamily;
  readonly table: string;
  readonly name: string;
  /** Of a chain that packets come to by themselves; one without is only jumped to. */
  readonly base?: NftBase;
}

/** Where a base chain stands. */
export interface NftBase {
  readonly type: 'filter' | 'nat' | 'route';
  readonly hook: NftHook;
  /** Lower ones come first. */
  readonly priority: number;
  readonly policy: 'accept' | 'drop';
}

export type NftHook = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** A rule as the kernel holds it. */
export interface NftRule {
  readonly family: NftFamily;
  readonly table: string;
  readonly chain: string;
  /** The kernel's number for it, by which it is deleted. */
  readonly handle: number;
  readonly comment?: string;
  readonly expressions: readonly NftExpression[];
}
