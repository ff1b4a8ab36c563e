import { isDeepStrictEqual } from 'node:util';
import type { AdmissionRequest, AdmissionResponse, KubeObject } from '#api';
import { type Finding, sentenceOf } from './finding.ts';
import { toJsonPatch } from './json-patch.ts';
import type { IsLeftToOthers } from './left-kinds.ts';
import { createKnownReader, type ObjectsOf } from './read-known.ts';
import { refusal } from './refusal.ts';
import { findReviewed, type Reviewed, type ReviewedKinds } from './reviewed-kinds.ts';

/** Answers an API server's questions about objects. */
export interface Reviewer {
  /** Whether an object may be made, changed or deleted so. Rejects when that cannot be said now. */
  validate(request: AdmissionRequest, signal: AbortSignal): Promise<AdmissionResponse>;
  /** What of an object is left out and goes without saying. Rejects when that cannot be said now. */
  complete(request: AdmissionRequest, signal: AbortSignal): Promise<AdmissionResponse>;
}

/**
 * @param objectsOf the cluster's objects
 * @param isLeftToOthers whose objects are admitted as they are
 */
export function createReviewer(
  kinds: ReviewedKinds,
  objectsOf: ObjectsOf,
  isLeftToOthers: IsLeftToOthers = async () => false,
): Reviewer {
  const readKnown = createKnownReader(kinds, objectsOf);

  async function review(
    request: AdmissionRequest,
    reviewed: Reviewed,
    signal: AbortSignal,
  ): Promise<readonly Finding[]> {
    const { object, oldObject, operation } = request;
    const known = await readKnown(reviewed.against, signal);
    if (operation === 'DELETE') return oldObject === undefined ? [] : reviewed.checkRemoval(oldObject, known);
    if (object === undefined) return [];
    const own = reviewed.check(object, known);
    if (oldObject === undefined) return own;
    return [...own, ...reviewed.checkChange(object, oldObject, known)];
  }

  return {
    async validate(request, signal) {
      const reviewed = findRequested(kinds, request);
      const { uid } = request;
      if (reviewed === undefined || isLeftAlone(request)) return { uid, allowed: true };
      if (await isLeftToOthers(reviewed.resource, signal)) return { uid, allowed: true };
      const found = await review(request, reviewed, signal);
      const warnings = found.filter(({ severity }) => severity === 'warning').map(sentenceOf);
      const errors = found.filter(({ severity }) => severity === 'error');
      return {
        uid,
        allowed: errors.length === 0,
        ...(warnings.length === 0 ? {} : { warnings }),
        ...(errors.length === 0 ? {} : { status: refusal(request, reviewed.resource, errors) }),
      };
    },
    async complete(request, signal) {
      const reviewed = findRequested(kinds, request);
      const { object, uid } = request;
      if (reviewed?.complete === undefined || object === undefined || isLeftAlone(request)) {
        return { uid, allowed: true };
      }
      if (await isLeftToOthers(reviewed.resource, signal)) return { uid, allowed: true };
      const completed = reviewed.complete(object, await readKnown(reviewed.against, signal));
      const patch = toJsonPatch(object, completed);
      if (patch.length === 0) return { uid, allowed: true };
      return {
        uid,
        allowed: true,
        patchType: 'JSONPatch',
        patch: Buffer.from(JSON.stringify(patch)).toString('base64'),
      };
    },
  };
}

function findRequested(
  kinds: ReviewedKinds,
  { resource: { group, resource } }: AdmissionRequest,
): Reviewed | undefined {
  return findReviewed(kinds, { group, plural: resource });
}

/**
 * Whether a request is about nothing that is looked at: a subresource, an object on its way out, whose finalizers must come
 * off whatever it says, or labels and finalizers of one that somebody made while nobody looked.
 */
function isLeftAlone({ object, oldObject, operation, subResource }: AdmissionRequest): boolean {
  if (subResource !== undefined && subResource !== '') return true;
  if (operation !== 'UPDATE' || object === undefined || oldObject === undefined) return false;
  return object.metadata.deletionTimestamp !== undefined || isDeepStrictEqual(contentOf(object), contentOf(oldObject));
}

/** What people write into an object and it is judged by. */
function contentOf(object: KubeObject): unknown {
  // The status is what we or others report.
  const { metadata, status: _, ...content }: KubeObject & { readonly status?: unknown } = object;
  return { ...content, annotations: metadata.annotations };
}
