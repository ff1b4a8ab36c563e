import type { KubeObject } from '#api';
import { isJsonObject } from '#base';
import type { JsonObject } from '#cni';
import { type LintFinding, placeOf } from './finding.ts';
import { isOfKind } from './is-of-kind.ts';
import type { KnownObjects } from './known-objects.ts';
import { lintDefinition } from './lint-definition.ts';
import { lintPod } from './lint-pod.ts';
import { type Located, valueAt } from './located.ts';
import { type LintReport, NOTHING } from './report.ts';
import type { LintRules } from './rules/lint-rules.ts';
import type { ObjectRule } from './rules/object-rule.ts';

/** Reads an object of the API; one that has nothing to do with networks is passed over. */
export function lintObject(located: Located, known: KnownObjects, rules: LintRules): LintReport {
  const { value: object } = located;
  if (!isJsonObject(object)) return NOTHING;
  if (object['kind'] === 'NetworkAttachmentDefinition') {
    return lintDefinition(`NetworkAttachmentDefinition "${nameOf(object)}"`, object, located, known, rules.ipam);
  }
  const rule = findRule(object, rules.objects);
  if (rule === undefined) {
    const own = { namespace: namespaceOf(object), name: plainName(object) };
    const subject = `${textOf(object['kind'])} "${own.namespace}/${own.name}"`;
    return { ...NOTHING, findings: lintPod(subject, located, own, known, rules.annotations) };
  }
  const { isNamespaced, kind } = rule.resource;
  const name = `${kind} "${isNamespaced ? nameOf(object) : textOf(valueAt(object, ['metadata', 'name']))}"`;
  const findings = rule.check(object, known).map(({ path, message, severity = 'error' }): LintFinding => {
    return { severity, ...placeOf(located, path), object: name, message };
  });
  return { ...NOTHING, findings };
}

/** For messages: a value that ought to be text. Not every other has one: `{"toString": ""}`. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
}

/** For messages, of an object that may lack a name. */
function nameOf(object: JsonObject): string {
  return `${namespaceOf(object)}/${plainName(object)}`;
}

function plainName(object: JsonObject): string {
  const name = valueAt(object, ['metadata', 'name']) ?? valueAt(object, ['metadata', 'generateName']);
  return typeof name === 'string' ? name : '';
}

function namespaceOf(object: JsonObject): string {
  const namespace = valueAt(object, ['metadata', 'namespace']);
  return typeof namespace === 'string' ? namespace : 'default';
}

/** What objects of its kind must be like; undefined for a kind that is not checked. */
function findRule({ apiVersion, kind }: JsonObject, rules: readonly ObjectRule[]): ObjectRule | undefined {
  if (typeof kind !== 'string' || (apiVersion !== undefined && typeof apiVersion !== 'string')) return undefined;
  const object: KubeObject = { kind, metadata: { name: '' }, ...(apiVersion === undefined ? {} : { apiVersion }) };
  const found = rules.filter(({ resource }) => isOfKind(object, resource));
  // A kind's name that several groups have says nothing without one.
  return found.length === 1 ? found[0] : undefined;
}
