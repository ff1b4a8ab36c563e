import type * as z from 'zod/mini';
import { formatIssues } from '#api';
import { badField, IpamError } from '../errors.ts';

/**
 * Checks an `ipam` object's fields and their types. A misspelt field would silently change what is handed out: it is refused.
 * @param ignored fields that are accepted and mean nothing here
 * @throws IpamError BAD_CONFIG
 */
export function parseShape<S extends z.ZodMiniObject>(
  schema: S,
  raw: Readonly<Record<string, unknown>>,
  options: { readonly source: string; readonly ignored: readonly string[] },
): z.infer<S> {
  const known = Object.keys(schema._zod.def.shape);
  for (const [field, value] of Object.entries(raw)) {
    if (known.includes(field) || options.ignored.includes(field)) continue;
    throw badField(options.source, `unknown field "${field}"`, value, `only the fields ${known.join(', ')}`);
  }
  const parsed = schema.safeParse(raw, { reportInput: true });
  if (parsed.success) return parsed.data;
  const { source } = options;
  const [path = []] = parsed.error.issues.map(issue => issue.path);
  throw new IpamError('BAD_CONFIG', formatIssues(`ipam of ${source}`, parsed.error), {
    details: { source, field: path.map(key => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`)).join('') },
  });
}
