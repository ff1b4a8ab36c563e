import { listAt } from './json.ts';
import { invalidOption } from './status-error.ts';

/** Whether a request is only to be tried: `dryRun=All` in the query or, on deletes, in the body. */
export function isDryRun(query: URLSearchParams, body?: unknown): boolean {
  const wanted = [...query.getAll('dryRun'), ...listAt(body, 'dryRun').map(String)].filter(text => text !== '');
  const wrong = wanted.find(text => text !== 'All');
  if (wrong !== undefined) throw invalidOption('Options', 'dryRun', wrong, ['All']);
  return wanted.length > 0;
}
