import type { NetworkConfig } from '#cni';

/** A configuration file of the runtime's directory, as read. */
export type SeenFile =
  | { readonly file: string; readonly kind: 'network'; readonly network: NetworkConfig }
  /** It calls us or Multus, at whatever depth: never a primary network, or it would go round in circles. */
  | { readonly file: string; readonly kind: 'pipeline'; readonly network: NetworkConfig }
  | { readonly file: string; readonly kind: 'broken'; readonly problem: string };

/** Which network is the node's primary one. */
export interface Primary {
  /** Name in the runtime's directory. */
  readonly file: string;
  /** The network's own name. */
  readonly name: string;
}

export type PrimaryChoice =
  | { readonly kind: 'use'; readonly file: string; readonly network: NetworkConfig }
  /** What there was stays in use. */
  | { readonly kind: 'keep'; readonly why: string }
  | { readonly kind: 'none'; readonly why: string };

/**
 * The first network by file name, as the runtime would take it. Where the former one's file is broken at the moment, what was
 * read of it before stays in use: somebody is writing it. Pure.
 * @param pinned the only file that may be taken
 */
export function choosePrimary(
  seen: readonly SeenFile[],
  former: Primary | undefined,
  pinned: string | undefined,
): PrimaryChoice {
  const own = pinned === undefined ? seen : seen.filter(({ file }) => file === pinned);
  const first = own.find(one => one.kind === 'network');
  const broken = own.find(one => one.kind === 'broken' && one.file === former?.file);
  if (broken?.kind === 'broken' && (first === undefined || broken.file < first.file)) {
    return { kind: 'keep', why: `the primary network's file "${broken.file}" cannot be used: ${broken.problem}` };
  }
  if (first !== undefined) return { kind: 'use', file: first.file, network: first.network };
  const why =
    pinned === undefined ? 'there is no configuration of a primary network' : `there is no usable file "${pinned}"`;
  const others = own.flatMap(one => (one.kind === 'broken' ? [`"${one.file}": ${one.problem}`] : []));
  return {
    kind: former === undefined ? 'none' : 'keep',
    why: others.length === 0 ? why : `${why}; not usable: ${others.join('; ')}`,
  };
}
