/** What tests of Spiderpool's wishes share: a pod that asks, and what came of it in short. */
import assert from 'node:assert/strict';
import { type KubeObject, type Pod, type Resource, SPIDER_IP_POOLS, type SpiderIPPool } from '#api';
import { catalogOf } from '../../testing.ts';
import type { Wish, WishContext, Wishes } from '../../wishes/wishes.ts';
import { formatAddressRanges } from './address-ranges.ts';
import { parseSpiderpool } from './spiderpool.ts';
import { spiderpoolWishes } from './spiderpool-wishes.ts';

/** Of Spiderpool's annotations. */
export const KEY = 'ipam.spidernet.io/';

/** A pod that asks for addresses, and what there is in its cluster. */
export interface Asking {
  readonly pools?: readonly SpiderIPPool[];
  readonly others?: readonly (readonly [Resource, KubeObject])[];
  readonly annotations?: Readonly<Record<string, unknown>>;
  readonly pod?: Partial<Pod['metadata']>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly context?: Partial<WishContext>;
}

function podOf(annotations: Asking['annotations'] = {}, metadata: Asking['pod'] = {}): Pod {
  const texts = Object.entries(annotations).map(([key, value]) => [
    `${KEY}${key}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return {
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'u1',
      labels: { app: 'web' },
      annotations: Object.fromEntries(texts),
      ...metadata,
    },
    spec: {},
  };
}

/** What an interface of the network shop/lan is to get. */
export function wishesOf({
  pools = [],
  others = [],
  annotations,
  pod,
  config = {},
  context = {},
}: Asking): Promise<Wishes> {
  const ipam = parseSpiderpool({ type: 'spiderpool', ...config }, { networkName: 'lan', source: 'network "shop/lan"' });
  const own = { name: 'eth0', nad: 'kube-system/macvlan-conf' };
  return spiderpoolWishes(ipam, {
    pod: podOf(annotations, pod),
    node: 'n1',
    interface: own,
    isDefault: true,
    interfaces: [own],
    asked: { ips: [] },
    source: 'network "shop/lan"',
    catalog: catalogOf([...pools.map(pool => [SPIDER_IP_POOLS, pool] as const), ...others]),
    ...context,
  });
}

/** Names of the pools of each wish; closed ones in brackets. */
export function namesOf({ alternatives }: Wishes): readonly (readonly string[])[] {
  assert.equal(alternatives.length, 1);
  return (alternatives[0] ?? []).map(({ pools }) =>
    pools.map(({ ref, usable }) => (usable.length === 0 ? `(${ref.name})` : ref.name)),
  );
}

/** One wish of the only way to meet all. */
export function wishAt({ alternatives }: Wishes, index = 0): Wish {
  const wish = alternatives[0]?.[index];
  assert.ok(wish !== undefined);
  return wish;
}

/** Addresses that its pools hand out. */
export function usableOf(wish: Wish): readonly string[] {
  return wish.pools.flatMap(({ usable, family }) => formatAddressRanges(usable, family));
}
