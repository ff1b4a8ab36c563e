import { type LabelSelectorRequirement, meetsRequirement } from '#api';
import type { Node, NodeTerm, PodSpec, SandboxPod, Taint } from '../resources.ts';

/** Whether the pod may be on the node: selector, required affinity, taints. */
export function fits({ spec }: SandboxPod, node: Node): boolean {
  const { name, labels = {} } = node.metadata;
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const terms = requiredTerms(spec);
  const matches = terms.some(
    term =>
      (term.matchExpressions ?? []).every(requirement => holds(requirement, labels[requirement.key])) &&
      (term.matchFields ?? []).every(requirement => holds(requirement, name)),
  );
  const repelling = taintsOf(node).filter(taint => taint.effect !== 'PreferNoSchedule' && !tolerates(spec, taint));
  return isSelected && (terms.length === 0 || matches) && repelling.length === 0;
}

function requiredTerms({ affinity }: PodSpec): readonly NodeTerm[] {
  return affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
}

/** As a label selector's, with comparisons of numbers besides. */
function holds(requirement: LabelSelectorRequirement, value: string | undefined): boolean {
  const { operator, values: [limit] = [] } = requirement;
  if (operator === 'Gt') return Number(value) > Number(limit);
  if (operator === 'Lt') return Number(value) < Number(limit);
  return meetsRequirement(requirement, value);
}

/** With what stands in its spec besides: a cordoned node repels pods as a taint does. */
function taintsOf({ spec }: Node): readonly Taint[] {
  const cordon = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };
  return [...(spec?.taints ?? []), ...(spec?.unschedulable === true ? [cordon] : [])];
}

export function tolerates({ tolerations = [] }: PodSpec, { key, value = '', effect }: Taint): boolean {
  return tolerations.some(
    toleration =>
      (toleration.effect === undefined || toleration.effect === effect) &&
      (toleration.key === undefined || toleration.key === key) &&
      (toleration.operator === 'Exists' || (toleration.key === key && (toleration.value ?? '') === value)),
  );
}

/** The spec of a pod that is for this node alone, whoever schedules it. */
export function onNode(spec: PodSpec, node: string): PodSpec {
  const terms = requiredTerms(spec);
  const field = { key: 'metadata.name', operator: 'In', values: [node] };
  const bound = (terms.length === 0 ? [{}] : terms).map((term: NodeTerm) => ({ ...term, matchFields: [field] }));
  const nodeAffinity = { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: bound } };
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity } };
}

/** The node that it is on, or the only one that it may come to. */
export function nodeNameOf({ spec }: SandboxPod): string | undefined {
  const [field] = requiredTerms(spec)[0]?.matchFields ?? [];
  return spec.nodeName ?? field?.values?.[0];
}
