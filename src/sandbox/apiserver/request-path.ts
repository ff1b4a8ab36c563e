/** What a URL path names. */
export type RequestPath =
  | {
      readonly kind: 'resource';
      readonly group: string;
      readonly version: string;
      readonly plural: string;
      readonly namespace?: string;
      readonly name?: string;
      readonly subresource?: string;
    }
  | { readonly kind: 'group-version'; readonly group: string; readonly version: string }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'other'; readonly path: string };

/** Reads a path as the API server's own rules do: `/api/V/...` is the core group, `/apis/G/V/...` the others. */
export function parseRequestPath(path: string): RequestPath {
  const steps = path
    .split('/')
    .filter(step => step !== '')
    .map(decodeStep);
  const [root, ...rest] = steps;
  if (root === 'api' && rest.length > 0) return parseVersioned('', rest);
  if (root === 'apis' && rest.length > 1) return parseVersioned(rest[0] ?? '', rest.slice(1));
  if (root === 'apis' && rest[0] !== undefined) return { kind: 'group', group: rest[0] };
  return { kind: 'other', path: `/${steps.join('/')}` };
}

/** In `namespaces/N/status` and `/finalize` the third step is a subresource of the namespace itself, elsewhere a resource inside it. */
const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);

function parseVersioned(group: string, [version = '', ...steps]: readonly string[]): RequestPath {
  if (steps.length === 0) return { kind: 'group-version', group, version };
  const base = { kind: 'resource', group, version } as const;
  const isInside = steps[0] === 'namespaces' && steps.length > 2 && !NAMESPACE_SUBRESOURCES.has(steps[2] ?? '');
  const [plural = '', name, subresource] = isInside ? steps.slice(2) : steps;
  return {
    ...base,
    plural,
    ...(isInside && steps[1] !== undefined ? { namespace: steps[1] } : {}),
    ...(name === undefined ? {} : { name }),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // Not an escape: no object can have such a name, so it is simply not found.
    return step;
  }
}
