import type { KubeObject, NetworkAttachmentDefinition, ObjectProblem } from '#api';
import { checkDefinitionChange } from './definition-change.ts';
import type { LintFinding } from './finding.ts';
import { formatReport } from './format-report.ts';
import { type KnownObjects, knownObjects } from './known-objects.ts';
import { lintText, readObjects } from './lint-file.ts';
import { lintObject } from './lint-object.ts';
import { locateObject } from './located.ts';
import type { LintReport } from './report.ts';
import type { LintRules } from './rules/lint-rules.ts';
import type { ObjectRule } from './rules/object-rule.ts';

/** What checks files and objects. */
export interface Lint {
  /** @param known what else is in the cluster. @default the text's own objects */
  lintText(text: string, known?: KnownObjects): LintReport;
  /** The objects of a text that may be anything. */
  readObjects(text: string): readonly KubeObject[];
  knownObjects(objects: readonly KubeObject[]): KnownObjects;
  /** What `lintText` says of one object. */
  checkObject(object: KubeObject, known: KnownObjects): readonly LintFinding[];
  /** What a change of a network means for those who have addresses of it. */
  checkDefinitionChange(
    nad: NetworkAttachmentDefinition,
    old: NetworkAttachmentDefinition,
    known: KnownObjects,
  ): readonly ObjectProblem[];
  /** What else is asked of objects, by kind. */
  readonly rules: readonly ObjectRule[];
  formatReport(file: string, report: LintReport): string;
}

export function createLint(rules: LintRules): Lint {
  const knownAmong = (objects: readonly KubeObject[]): KnownObjects => knownObjects(objects, rules.objects);
  return {
    lintText: (text, known = knownAmong(readObjects(text))) => lintText(text, known, rules),
    readObjects,
    knownObjects: knownAmong,
    checkObject: (object, known) => lintObject(locateObject(object), known, rules).findings,
    checkDefinitionChange,
    rules: rules.objects,
    formatReport,
  };
}
