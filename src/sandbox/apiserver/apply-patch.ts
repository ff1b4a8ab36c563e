import { jsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';
import type { ServedResource } from './served-resource.ts';
import { StatusError } from './status-error.ts';
import { strategicMergePatch } from './strategic-merge-patch.ts';

/** What a patch of the given content type makes of an object. Custom resources take no strategic merge patch, as on the real server. */
export function applyPatch(
  resource: ServedResource,
  current: unknown,
  contentType: string | undefined,
  patch: unknown,
): unknown {
  const isCustom = resource.rules.isCustom === true;
  switch (contentType?.split(';')[0]?.trim()) {
    case 'application/merge-patch+json':
      return mergePatch(current, patch);
    case 'application/json-patch+json':
      return jsonPatch(current, patch);
    case 'application/strategic-merge-patch+json':
      if (!isCustom) return strategicMergePatch(current, patch);
      break;
    default:
  }
  const accepted = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(isCustom ? [] : ['application/strategic-merge-patch+json']),
  ];
  throw new StatusError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`,
  );
}
