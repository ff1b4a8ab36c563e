import { isSpiderpools, type LabelSelector, matchesLabels, type SpiderIPPool } from '#api';
import { contains, type Family, findPrefix } from '#ip';
import { meansController, splitPodAffinity } from './app-labels.ts';
import type { TopController } from './top-controller.ts';

type Labels = Readonly<Record<string, string>>;

/** Who asks a pool for an address. */
export interface Asker {
  /** Absent in plain CNI: no pod, no namespace. */
  readonly pod?: { readonly namespace: string; readonly labels: Labels; readonly namespaceLabels: Labels };
  readonly node: { readonly name: string; readonly labels: Labels };
  /** Known only where a pool asks for it. */
  readonly controller: TopController | undefined;
  readonly interface: string;
  /** Addresses of the interface's physical function, where a pool must have its network. */
  readonly masters?: readonly string[];
  /** `namespace/name` of the interface's NetworkAttachmentDefinition. */
  readonly nad?: string;
}

/** How well a pool fits, or why it does not. */
export type Judgement = { readonly weight: number } | { readonly reason: string };

/** Namespace of NetworkAttachmentDefinitions that a pool names without one. */
const MULTUS_NAMESPACE = 'kube-system';

/** What a pool that narrows its users counts: the more exact, the earlier it is asked. */
const WEIGHTS = {
  podAffinity: 32,
  nodeName: 16,
  nodeAffinity: 8,
  namespaceName: 4,
  namespaceAffinity: 2,
  multusName: 1,
} as const;

type Rule = keyof typeof WEIGHTS;

/** Whether somebody may have an address of a pool. The first rule that keeps them out is the reason. */
export function judgePool(pool: SpiderIPPool, family: Family, asker: Asker): Judgement {
  const { metadata, spec } = pool;
  // Whoever else hands out its addresses does not know of claims.
  if (isSpiderpools(pool))
    return { reason: 'Spiderpool keeps it, until "underlane migrate --from spiderpool" takes it over' };
  if (metadata.deletionTimestamp !== undefined) return { reason: 'it is being deleted' };
  if (spec.disable === true) return { reason: 'it is disabled' };
  const own = findPrefix(spec.subnet)?.family;
  if (own !== family) return { reason: `its subnet is ${spec.subnet}, expected an IPv${family} one` };
  const rules = rulesOf(spec);
  const reason = rules.map(rule => JUDGES[rule](spec, asker)).find(text => text !== undefined);
  if (reason !== undefined) return { reason };
  if (asker.masters !== undefined && !holdsSome(spec.subnet, asker.masters)) {
    return {
      reason: `its subnet ${spec.subnet} has none of the addresses [${asker.masters.join(', ')}] of the interface's physical function`,
    };
  }
  return { weight: rules.reduce((sum, rule) => sum + WEIGHTS[rule], 0) };
}

/** Whether a pool asks for labels of the node, or for the top controller: both cost a look at the API server. */
export function needsOf({ spec }: SpiderIPPool): { readonly node: boolean; readonly controller: boolean } {
  const rules = rulesOf(spec);
  const app = spec.podAffinity === undefined ? {} : splitPodAffinity(spec.podAffinity).app;
  return { node: rules.includes('nodeAffinity'), controller: Object.keys(app).length > 0 };
}

/** The rules that a pool has; a list of names wins over the selector beside it. */
function rulesOf(spec: SpiderIPPool['spec']): readonly Rule[] {
  const named = (list: readonly string[] | undefined): boolean => list !== undefined && list.length > 0;
  const rules: (Rule | false)[] = [
    named(spec.nodeName) ? 'nodeName' : spec.nodeAffinity !== undefined && 'nodeAffinity',
    named(spec.namespaceName) ? 'namespaceName' : spec.namespaceAffinity !== undefined && 'namespaceAffinity',
    spec.podAffinity !== undefined && 'podAffinity',
    named(spec.multusName) && 'multusName',
  ];
  return rules.filter(rule => rule !== false);
}

/** Each gives a reason why not, for a pool that has the rule. */
const JUDGES: Readonly<Record<Rule, (spec: SpiderIPPool['spec'], asker: Asker) => string | undefined>> = {
  nodeName: ({ nodeName }, { node }) =>
    unless(nodeName?.includes(node.name), 'nodeName', nodeName, `node ${node.name}`),
  nodeAffinity: ({ nodeAffinity }, { node }) =>
    unless(matches(nodeAffinity, node.labels), 'nodeAffinity', nodeAffinity, `node ${node.name}`),
  namespaceName: ({ namespaceName }, { pod }) =>
    unless(
      pod !== undefined && namespaceName?.includes(pod.namespace),
      'namespaceName',
      namespaceName,
      namespaceOf(pod),
    ),
  namespaceAffinity: ({ namespaceAffinity }, { pod }) =>
    unless(
      pod !== undefined && matches(namespaceAffinity, pod.namespaceLabels),
      'namespaceAffinity',
      namespaceAffinity,
      namespaceOf(pod),
    ),
  podAffinity: ({ podAffinity = {} }, { pod, controller }) => {
    const parts = splitPodAffinity(podAffinity);
    const fits = pod !== undefined && meansController(parts.app, controller) && matches(parts.pod, pod.labels);
    return unless(fits, 'podAffinity', podAffinity, pod === undefined ? 'a container without pod' : 'the pod');
  },
  multusName: ({ multusName = [] }, asker) => {
    const names = multusName.map(name => (name.includes('/') ? name : `${MULTUS_NAMESPACE}/${name}`));
    const network = asker.nad === undefined ? 'no NetworkAttachmentDefinition' : asker.nad;
    return unless(
      asker.nad !== undefined && names.includes(asker.nad),
      'multusName',
      multusName,
      `${asker.interface} of ${network}`,
    );
  },
};

function holdsSome(subnet: string, addresses: readonly string[]): boolean {
  const network = findPrefix(subnet);
  return addresses.some(address => {
    const own = findPrefix(address);
    return network !== undefined && own !== undefined && contains(network, { family: own.family, value: own.address });
  });
}

function matches(selector: LabelSelector | undefined, labels: Labels): boolean {
  return selector === undefined || matchesLabels(selector, labels);
}

function namespaceOf(pod: Asker['pod']): string {
  return pod === undefined ? 'a container without pod' : `namespace ${pod.namespace}`;
}

function unless(fits: boolean | undefined, rule: Rule, value: unknown, asker: string): string | undefined {
  return fits === true ? undefined : `its ${rule} ${JSON.stringify(value)} does not match ${asker}`;
}
