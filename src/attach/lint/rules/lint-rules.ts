import type { AnnotationRule } from './annotation-rule.ts';
import type { IpamRule } from './ipam-rule.ts';
import { kubeOvnAnnotationRule } from './kube-ovn-annotation-rule.ts';
import { kubeOvnRules } from './kube-ovn-rules.ts';
import type { ObjectRule } from './object-rule.ts';
import { ownRules } from './own-rules.ts';
import { kubeOvnIpamRule, spiderpoolIpamRule } from './pools-of-ipam.ts';
import { spiderpoolAnnotationRule } from './spiderpool-annotation-rule.ts';
import { spiderpoolRules } from './spiderpool-rules.ts';
import { viewRules } from './view-rules.ts';

/** What is asked of objects; beside NetworkAttachmentDefinitions and the networks annotation. */
export interface LintRules {
  /** By kind. */
  readonly objects: readonly ObjectRule[];
  readonly annotations: readonly AnnotationRule[];
  readonly ipam: readonly IpamRule[];
}

/** All of them, those of the dialects too. */
export async function listLintRules(): Promise<LintRules> {
  const ofDialects = await Promise.all([spiderpoolRules(), kubeOvnRules()]);
  return {
    objects: [...ownRules(), ...ofDialects.flat(), ...viewRules()],
    annotations: await Promise.all([spiderpoolAnnotationRule(), kubeOvnAnnotationRule()]),
    ipam: [await spiderpoolIpamRule(), kubeOvnIpamRule],
  };
}
