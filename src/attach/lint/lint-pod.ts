import { UnderlaneError } from '#base';
import { isJsonObject } from '#cni';
import {
  type AnnotatedNetworks,
  assignInterfaceNames,
  checkAnnotationNames,
  DEFAULT_NETWORK_ANNOTATION,
  NETWORKS_ANNOTATION,
  parseDefaultNetworkAnnotation,
  parseNetworksAnnotation,
} from '#networks';
import { SYSTEM_NAMESPACE } from '../resolve/pipeline-config.ts';
import { type LintFinding, placeOf, sentenceOf } from './finding.ts';
import type { KnownObjects } from './known-objects.ts';
import { type Located, type Path, valueAt } from './located.ts';
import type { AnnotationRule } from './rules/annotation-rule.ts';

/** Where pods' annotations stand in the objects that have or make pods. */
const POD_METADATA: readonly Path[] = [
  ['metadata'],
  ['spec', 'template', 'metadata'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata'],
];

/** Reads the annotations that a pod's networks depend on, as the agent does. */
export function lintPod(
  object: string,
  located: Located,
  { namespace, name }: { readonly namespace: string; readonly name: string },
  known: KnownObjects,
  rules: readonly AnnotationRule[],
): readonly LintFinding[] {
  return POD_METADATA.flatMap(path => {
    const at = [...path, 'annotations'];
    const annotations = textsOf(valueAt(located.value, at));
    const findings: LintFinding[] = [];
    const say = (key: string, message: string, severity: LintFinding['severity'] = 'error'): void =>
      void findings.push({ severity, ...placeOf(located, [...at, key]), object, message });
    const read = (key: string, parse: (text: string) => AnnotatedNetworks): void => {
      const text = annotations[key];
      if (text === undefined) return;
      try {
        for (const warning of parse(text).warnings) say(key, warning, 'warning');
      } catch (error) {
        if (!(error instanceof UnderlaneError)) throw error;
        say(key, sentenceOf(error, object));
      }
    };
    const misspelt = checkAnnotationNames(annotations);
    if (misspelt !== undefined) {
      const key = Object.keys(annotations).find(name => checkAnnotationNames({ [name]: '' }) !== undefined);
      say(key ?? '', misspelt);
    }
    read(NETWORKS_ANNOTATION, text => {
      const asked = parseNetworksAnnotation(text, namespace);
      assignInterfaceNames(asked.networks, ['eth0']);
      return asked;
    });
    read(DEFAULT_NETWORK_ANNOTATION, text => parseDefaultNetworkAnnotation(text, SYSTEM_NAMESPACE));
    const annotated = { annotations, namespace, name };
    for (const { key, message, severity } of rules.flatMap(rule => rule(annotated, known))) say(key, message, severity);
    return findings;
  });
}

function textsOf(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}
