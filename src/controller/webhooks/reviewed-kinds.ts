import {
  ATTACHMENT_POLICIES,
  type KubeObject,
  NETWORK_ATTACHMENT_DEFINITIONS,
  type ObjectProblem,
  type Operation,
  type Resource,
} from '#api';
import type { KnownObjects, Lint } from '#attach';
import { type Finding, toFinding } from './finding.ts';

/** How objects of a kind are reviewed. */
export interface Reviewed {
  readonly resource: Resource;
  /** What API servers ask about. */
  readonly operations: readonly Operation[];
  readonly against: readonly Resource[];
  check(object: KubeObject, known: KnownObjects): readonly Finding[];
  checkChange(object: KubeObject, old: KubeObject, known: KnownObjects): readonly Finding[];
  checkRemoval(object: KubeObject, known: KnownObjects): readonly Finding[];
  readonly complete?: (object: KubeObject, known: KnownObjects) => KubeObject;
}

export type ReviewedKinds = readonly Reviewed[];

/** All kinds that `underlane lint` knows: a webhook says what it says. */
export function reviewedKinds({ checkObject, rules }: Lint): ReviewedKinds {
  const definitions: Reviewed = {
    resource: NETWORK_ATTACHMENT_DEFINITIONS,
    operations: ['CREATE', 'UPDATE'],
    against: [ATTACHMENT_POLICIES],
    check: checkObject,
    checkChange: () => [],
    checkRemoval: () => [],
  };
  const others = rules.map((rule): Reviewed => {
    const { against, checkChange, checkRemoval, complete, resource } = rule;
    const toFindings = (problems: readonly ObjectProblem[] = []): readonly Finding[] => problems.map(toFinding);
    return {
      resource,
      operations: ['CREATE', 'UPDATE', ...(checkRemoval === undefined ? [] : (['DELETE'] as const))],
      against,
      check: checkObject,
      checkChange: (object, old, known) => toFindings(checkChange?.(object, old, known)),
      checkRemoval: (object, known) => toFindings(checkRemoval?.(object, known)),
      ...(complete === undefined ? {} : { complete }),
    };
  });
  return [definitions, ...others];
}

/** The kind that a request is about; API servers convert to the version that is named here. */
export function findReviewed(
  kinds: ReviewedKinds,
  { group, resource }: { readonly group: string; readonly resource: string },
): Reviewed | undefined {
  return kinds.find(reviewed => reviewed.resource.plural === resource && reviewed.resource.group === group);
}
