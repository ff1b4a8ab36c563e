import { readFile } from 'node:fs/promises';
import { findImports } from '../imports/find-imports.ts';
import { findSources } from '../imports/find-sources.ts';

/** That files of one room import another room's door. */
export interface RoomEdge {
  readonly from: string;
  readonly to: string;
  /** Nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
}

const TEST_CODE = /\/(testing|fake-)[^/]*\.ts$/;

/** Which rooms import which, as the sources that ship say it. Sorted. */
export async function readRoomGraph(): Promise<readonly RoomEdge[]> {
  const edges = new Map<string, RoomEdge>();
  for (const file of await findSources()) {
    if (TEST_CODE.test(file)) continue;
    const from = file.split('/')[1] ?? '';
    for (const { specifier, isTypeOnly } of findImports(await readFile(file, 'utf8'))) {
      if (!specifier.startsWith('#')) continue;
      const to = specifier.slice(1);
      const key = `${from} ${to}`;
      edges.set(key, { from, to, isTypeOnly: isTypeOnly && (edges.get(key)?.isTypeOnly ?? true) });
    }
  }
  return [...edges].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, edge]) => edge);
}

/** Leaves out each edge for which there is a longer way. The graph has no circles. Pure. */
export function reduceGraph(edges: readonly RoomEdge[]): readonly RoomEdge[] {
  const targetsOf = (room: string): readonly string[] => edges.filter(({ from }) => from === room).map(({ to }) => to);
  const canReach = (from: string, to: string): boolean =>
    targetsOf(from).some(next => next === to || canReach(next, to));
  return edges.filter(({ from, to }) => !targetsOf(from).some(next => next !== to && canReach(next, to)));
}
