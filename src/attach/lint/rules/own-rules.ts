import {
  ATTACHMENT_POLICIES,
  attachmentPolicySchema,
  IP_ALLOCATIONS,
  IPAM_CLAIMS,
  ipAllocationSchema,
  ipamClaimSchema,
} from '#api';
import { policyProblems } from './attachment-policy-problems.ts';
import { claimChangeProblems, claimProblems } from './ip-allocation-problems.ts';
import { ipamClaimChangeProblems, ipamClaimProblems } from './ipam-claim-problems.ts';
import { type ObjectRule, objectRule } from './object-rule.ts';

/** Underlane's own kinds, and the multi-network standard's. */
export function ownRules(): readonly ObjectRule[] {
  return [
    objectRule({ resource: ATTACHMENT_POLICIES, schema: () => attachmentPolicySchema, check: policyProblems }),
    objectRule({
      resource: IPAM_CLAIMS,
      schema: () => ipamClaimSchema,
      check: ipamClaimProblems,
      checkChange: ipamClaimChangeProblems,
    }),
    objectRule({
      resource: IP_ALLOCATIONS,
      schema: () => ipAllocationSchema,
      check: claimProblems,
      checkChange: claimChangeProblems,
    }),
  ];
}
