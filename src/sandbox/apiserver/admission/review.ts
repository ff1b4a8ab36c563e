import type { ApiObject } from '../api-object.ts';
import type { JsonObject } from '../json.ts';
import { isJsonObject, listAt, objectOr, textAt, valueAt } from '../json.ts';
import { apiVersionOf } from '../served-resource.ts';
import { StatusError } from '../status-error.ts';
import type { Attributes } from './attributes.ts';

const REVIEW = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' };

/** The question that a webhook gets. */
export function reviewRequest(
  attributes: Attributes,
  object: ApiObject | undefined,
  uid: string,
  isDryRun: boolean,
): JsonObject {
  const { operation, resource, subresource, namespace, name, previous } = attributes;
  const { group, version, plural } = resource;
  const kind = { group, version, kind: resource.kind };
  const place = { group, version, resource: plural };
  const part = subresource === undefined ? {} : { subResource: subresource, requestSubResource: subresource };
  return {
    ...REVIEW,
    request: {
      uid,
      kind,
      resource: place,
      requestKind: kind,
      requestResource: place,
      ...part,
      ...(name === '' ? {} : { name }),
      ...(namespace === undefined ? {} : { namespace }),
      operation,
      // Whoever was let in may do everything here, so all are one.
      userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
      object: object === undefined ? null : { ...object, apiVersion: apiVersionOf(resource) },
      oldObject: previous === undefined ? null : { ...previous, apiVersion: apiVersionOf(resource) },
      dryRun: isDryRun,
      options: { kind: OPTIONS[operation], apiVersion: 'meta.k8s.io/v1', ...(isDryRun ? { dryRun: ['All'] } : {}) },
    },
  };
}

const OPTIONS: Readonly<Record<Attributes['operation'], string>> = {
  CREATE: 'CreateOptions',
  UPDATE: 'UpdateOptions',
  DELETE: 'DeleteOptions',
};

export interface Verdict {
  readonly isAllowed: boolean;
  readonly warnings: readonly string[];
  /** JSON patch operations. */
  readonly patch: readonly unknown[];
  /** Why not. */
  readonly status: JsonObject;
}

/** Reads a webhook's answer. @throws an Error that says what is wrong with it */
export function parseVerdict(answer: unknown, uid: string, mayPatch: boolean): Verdict {
  const [apiVersion, kind] = [textAt(answer, 'apiVersion'), textAt(answer, 'kind')];
  if (apiVersion !== REVIEW.apiVersion || kind !== REVIEW.kind)
    throw new Error(
      `expected webhook response of ${REVIEW.apiVersion}, Kind=${REVIEW.kind}, got ${apiVersion}, Kind=${kind}`,
    );
  const response = valueAt(answer, 'response');
  if (!isJsonObject(response)) throw new Error('webhook response was absent');
  if (response['uid'] !== uid) throw new Error(`expected response.uid="${uid}", got "${textAt(response, 'uid')}"`);
  const isAllowed = response['allowed'] === true;
  return {
    isAllowed,
    warnings: listAt(response, 'warnings').map(String),
    patch: isAllowed ? parsePatch(response, mayPatch) : [],
    status: objectOr(response['status']),
  };
}

function parsePatch(response: JsonObject, mayPatch: boolean): readonly unknown[] {
  const [patch, type] = [textAt(response, 'patch'), textAt(response, 'patchType')];
  if (patch === '') return [];
  if (!mayPatch) throw new Error('a validating webhook returned response.patch, which only mutating ones may');
  if (type !== 'JSONPatch')
    throw new Error(`invalid response.patchType="${type}" in the webhook's answer, expected "JSONPatch"`);
  const operations: unknown = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
  if (!Array.isArray(operations)) throw new Error('response.patch is no list of operations');
  return operations;
}

/** The refusal as the client hears it: with the webhook's own words, code and reason. */
export function denial(webhook: string, status: JsonObject): StatusError {
  const by = `admission webhook "${webhook}" denied the request`;
  const why = textAt(status, 'message') || textAt(status, 'reason');
  const code = Number(valueAt(status, 'code') ?? 0);
  const details = valueAt(status, 'details');
  return new StatusError(
    Math.max(code, 400),
    textAt(status, 'reason'),
    why === '' ? `${by} without explanation` : `${by}: ${why}`,
    isJsonObject(details) ? details : undefined,
  );
}
