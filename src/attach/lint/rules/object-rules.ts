import { kubeOvnRules } from './kube-ovn-rules.ts';
import type { ObjectRule } from './object-rule.ts';
import { ownRules } from './own-rules.ts';
import { spiderpoolRules } from './spiderpool-rules.ts';

/** What is asked of objects, by kind; beside NetworkAttachmentDefinitions. */
export async function listObjectRules(): Promise<readonly ObjectRule[]> {
  const ofDialects = await Promise.all([spiderpoolRules(), kubeOvnRules()]);
  return [...ownRules(), ...ofDialects.flat()];
}
