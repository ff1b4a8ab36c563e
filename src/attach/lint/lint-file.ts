import { YAMLException } from 'js-yaml';
import type { KubeObject } from '#api';
import { isJsonObject } from '#base';
import { parseNetworkConfig } from '#cni';
import type { KnownObjects } from './known-objects.ts';
import { callsUs, isCniConfig, lintConfig } from './lint-config.ts';
import { lintObject } from './lint-object.ts';
import { lintPipeline } from './lint-pipeline.ts';
import { type Located, valueAt } from './located.ts';
import { readLocated } from './read-located.ts';
import { joinReports, type LintReport, NOTHING } from './report.ts';
import type { LintRules } from './rules/lint-rules.ts';

/**
 * Reads manifests (YAML or JSON, any number of documents, Lists too) or a CNI configuration with the parsers that the
 * agent uses. Objects that have nothing to do with networks are passed over.
 * @param known what else is in the cluster, the text's own objects among it
 */
export function lintText(text: string, known: KnownObjects, rules: LintRules): LintReport {
  try {
    const documents = readLocated(text);
    const [only] = documents;
    if (documents.length === 1 && isCniConfig(only?.value)) return lintConfigFile(text, only);
    return joinReports(documents.flatMap(objectsOf).map(located => lintObject(located, known, rules)));
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = (error.mark?.line ?? 0) + 1;
    const message = `it is neither YAML nor JSON: ${error.reason}`;
    return { ...NOTHING, findings: [{ severity: 'error', line, field: '', object: 'File', message }] };
  }
}

/** The objects of a text that may be anything. */
export function readObjects(text: string): readonly KubeObject[] {
  try {
    return (
      readLocated(text)
        .flatMap(objectsOf)
        .map(({ value }) => value)
        // More than that no reader of them takes for granted.
        .filter((object): object is KubeObject & object => isJsonObject(valueAt(object, ['metadata'])))
    );
  } catch (error) {
    // Said where the text is linted.
    if (error instanceof YAMLException) return [];
    throw error;
  }
}

/** A document's objects: those of a List, and of Lists in it. */
function objectsOf(located: Located): readonly Located[] {
  const { value } = located;
  if (!isJsonObject(value)) return [];
  const { kind, items } = value;
  if (!Array.isArray(items) || typeof kind !== 'string' || !kind.endsWith('List')) return [located];
  return items.flatMap((_, index) => objectsOf(located.part(['items', index])));
}

function lintConfigFile(text: string, located: Located): LintReport {
  const name = valueAt(located.value, ['name']);
  const object = `CNI configuration "${typeof name === 'string' ? name : ''}"`;
  if (callsUs(located.value)) return { ...NOTHING, findings: lintPipeline(object, located) };
  return lintConfig(() => parseNetworkConfig(text, { source: object }), {
    object,
    located,
    jsonLine: line => line,
    scopePlace: { line: 1, field: '' },
  });
}
