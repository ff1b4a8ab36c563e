import type { AdmissionRequest, AdmissionStatus, Resource } from '#api';
import { behindField, type Finding, sentenceOf } from './finding.ts';

/**
 * The answer to a request whose object is wrong: kubectl prints the causes as a list, as for what the API server itself
 * finds; others print the message. Of a deletion there is no field to name.
 */
export function refusal(
  request: AdmissionRequest,
  { group, kind, isNamespaced }: Resource,
  findings: readonly Finding[],
): AdmissionStatus {
  const name = nameOf(request);
  const subject = `${kind} "${isNamespaced ? `${request.namespace ?? 'default'}/` : ''}${name}"`;
  const sentences = findings.map(sentenceOf).join('; ');
  if (request.operation === 'DELETE') {
    const message = `Cannot delete ${subject}: ${sentences}`;
    return { code: 403, reason: 'Forbidden', message, details: { group, kind, name, causes: [] } };
  }
  const causes = findings.map(finding => ({
    reason: 'FieldValueInvalid',
    field: finding.field,
    // kubectl puts the field before it.
    message: behindField(finding),
  }));
  return {
    code: 422,
    reason: 'Invalid',
    message: `Cannot use ${subject}: ${sentences}`,
    details: { group, kind, name, causes },
  };
}

/** An object whose name the server makes has only the beginning of one. */
function nameOf({ name = '', object, oldObject }: AdmissionRequest): string {
  const { metadata } = object ?? oldObject ?? {};
  return [name, metadata?.name, metadata?.generateName].find(text => text !== undefined && text !== '') ?? '';
}
