import type { Node, PodState } from '#api';

/** What the controller knows of a node; ages by its own clock, from when it saw something change. */
export interface NodeFacts {
  /** undefined: the API server has no such Node. */
  readonly node: Node | undefined;
  /** How long the agent counts as alive after it was heard; undefined: it has no Lease. */
  readonly leaseMs: number | undefined;
  /** Since the agent was last heard, or since the controller first missed it. */
  readonly silentMs: number;
}

/** What the operator has decided. */
export interface FenceRules {
  /** How long after an agent was last heard its node counts as dead. */
  readonly fenceMs: number;
  readonly reclaimsNotReady: boolean;
}

/** Whose claims nobody is left to give back: those of pods in one of the states; `none` means claims without a pod. */
export interface NodeVerdict {
  readonly why: 'alive' | 'Node deleted' | 'out of service' | 'agent silent' | 'not ready';
  readonly frees: ReadonlySet<PodState | 'none'>;
}

/** Put on a node by people or machines that know that it is off. */
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service';

const ALIVE: NodeVerdict = { why: 'alive', frees: new Set() };

/**
 * Whether a node may be believed to be dead. Pure.
 *
 * An agent that still renews its Lease is alive, whatever else is said of its node. Otherwise: a Node that was deleted has no
 * pods, whatever their objects say; one that is out of service runs none; and of one whose agent has been silent for longer than
 * the fence time only what is certainly not running: pods whose objects are gone, which kubelet confirms or somebody has forced.
 * A terminating pod of a node that is not ready may still run there and use its addresses: giving them away is unsafe.
 */
export function judgeNode({ node, leaseMs, silentMs }: NodeFacts, rules: FenceRules): NodeVerdict {
  if (leaseMs !== undefined && silentMs < leaseMs) return ALIVE;
  if (node === undefined)
    return { why: 'Node deleted', frees: new Set(['none', 'live', 'gone', 'terminating', 'finished']) };
  if (isOutOfService(node))
    return { why: 'out of service', frees: new Set(['none', 'gone', 'terminating', 'finished']) };
  if (rules.reclaimsNotReady && !isReady(node))
    return { why: 'not ready', frees: new Set(['gone', 'terminating', 'finished']) };
  if (silentMs >= rules.fenceMs) return { why: 'agent silent', frees: new Set(['gone', 'finished']) };
  return ALIVE;
}

function isOutOfService({ spec }: Node): boolean {
  return spec?.taints?.some(({ key }) => key === OUT_OF_SERVICE) === true;
}

function isReady({ status }: Node): boolean {
  return status?.conditions?.some(condition => condition.type === 'Ready' && condition.status === 'True') === true;
}
