import type { Resource } from '#api';
import { ApiError, BAD_RESPONSE } from './errors.ts';

/** What every page of a list has, in whichever form. */
export interface PageBody {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
}

/** A page of a list as `kubectl get` asks for it (Kubernetes, "API concepts", receiving resources as tables). */
export interface TablePage extends PageBody {
  readonly columnDefinitions?: readonly { readonly name: string }[];
  readonly rows?: readonly { readonly cells: readonly unknown[] }[];
}

/** Accepts nothing else. */
export const TABLE = 'application/json;as=Table;g=meta.k8s.io;v=v1';
/** Query of a table whose rows are cells alone. */
export const NO_OBJECTS = { includeObject: 'None' };

/** The cells of some columns as texts, by rows. @throws ApiError BadResponse where there is no such column */
export function readColumns(
  resource: Resource,
  { columnDefinitions = [], rows = [] }: TablePage,
  columns: readonly string[],
): readonly (readonly string[])[] {
  const indexes = columns.map(column => {
    const index = columnDefinitions.findIndex(({ name }) => name === column);
    if (index >= 0) return index;
    const names = columnDefinitions.map(({ name }) => `"${name}"`).join(', ');
    throw new ApiError(BAD_RESPONSE, `Cannot list ${resource.plural}: no column "${column}" among ${names}`);
  });
  return rows.map(({ cells }) => indexes.map(index => textOf(cells[index])));
}

function textOf(cell: unknown): string {
  if (typeof cell === 'string') return cell;
  return cell === undefined || cell === null ? '' : JSON.stringify(cell);
}
