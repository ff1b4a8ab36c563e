import {
  ATTACHMENT_POLICIES,
  IP_ALLOCATIONS,
  type KubeObject,
  NETWORK_ATTACHMENT_DEFINITIONS,
  NODE_LABEL,
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
  /** Set where objects with this label are made while a pod waits: API servers do not ask about those. */
  readonly madeInHaste?: string;
  readonly against: readonly Resource[];
  /** Absent where the API server makes sure of it. */
  readonly isOfType?: (object: KubeObject) => boolean;
  check(object: KubeObject, known: KnownObjects): readonly Finding[];
  checkChange(object: KubeObject, old: KubeObject, known: KnownObjects): readonly Finding[];
  checkRemoval(object: KubeObject, known: KnownObjects): readonly Finding[];
  readonly complete?: (object: KubeObject, known: KnownObjects) => KubeObject;
}

export type ReviewedKinds = readonly Reviewed[];

/** All kinds that `underlane lint` knows, but for views: a webhook says what it says. */
export function reviewedKinds({ checkDefinitionChange, checkObject, rules }: Lint): ReviewedKinds {
  const definitions: Reviewed = {
    resource: NETWORK_ATTACHMENT_DEFINITIONS,
    operations: ['CREATE', 'UPDATE'],
    against: [ATTACHMENT_POLICIES, IP_ALLOCATIONS],
    check: checkObject,
    checkChange: (object, old, known) => checkDefinitionChange(object, old, known).map(toFinding),
    checkRemoval: () => [],
  };
  const others = rules
    .filter(({ isView }) => isView !== true)
    .map((rule): Reviewed => {
      const { against, checkChange, checkRemoval, complete, isOfType, resource } = rule;
      const toFindings = (problems: readonly ObjectProblem[] = []): readonly Finding[] => problems.map(toFinding);
      return {
        resource,
        // Another system may have defined its kinds more loosely.
        ...(resource.group === IP_ALLOCATIONS.group ? {} : { isOfType }),
        ...(resource === IP_ALLOCATIONS ? { madeInHaste: NODE_LABEL } : {}),
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
  { group, plural }: Pick<Resource, 'group' | 'plural'>,
): Reviewed | undefined {
  return kinds.find(({ resource }) => resource.plural === plural && resource.group === group);
}
