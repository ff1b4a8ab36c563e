import { ATTACHMENT_POLICIES, attachmentPolicySchema, IPAM_CLAIMS, ipamClaimSchema, type KubeObject } from '#api';
import type { JsonObject } from '#cni';
import { isOfKind } from './is-of-kind.ts';
import { type ObjectRule, objectRule } from './object-rule.ts';

/** The kinds that are checked, beside NetworkAttachmentDefinitions. */
export const OBJECT_RULES: readonly ObjectRule[] = [
  objectRule({ resource: ATTACHMENT_POLICIES, schema: () => attachmentPolicySchema }),
  objectRule({ resource: IPAM_CLAIMS, schema: () => ipamClaimSchema }),
];

/** What objects of its kind must be like; undefined for a kind that is not checked. */
export function findObjectRule({ apiVersion, kind }: JsonObject): ObjectRule | undefined {
  if (typeof kind !== 'string' || (apiVersion !== undefined && typeof apiVersion !== 'string')) return undefined;
  const object: KubeObject = { kind, metadata: { name: '' }, ...(apiVersion === undefined ? {} : { apiVersion }) };
  const found = OBJECT_RULES.filter(({ resource }) => isOfKind(object, resource));
  // A kind's name that several groups have says nothing without one.
  return found.length === 1 ? found[0] : undefined;
}
