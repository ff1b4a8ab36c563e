import { type KubeOvnIPPool, type KubeOvnSubnet, matchesLabels, NAMESPACES, type Pod } from '#api';
import type { PoolCatalog } from '../../catalog/pool-catalog.ts';

/** What a pod's namespace has to do with Subnets and IPPools. */
export interface NamespaceOfPod {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Subnets that its annotation names, in order. */
  readonly subnets: readonly string[];
  /** IPPools that its annotations name for a provider, in order. */
  readonly ipPools: readonly string[];
}

/** undefined in plain CNI. What is not known of a namespace binds nothing. */
export async function namespaceOfPod(
  pod: Pod | undefined,
  provider: string,
  catalog: Pick<PoolCatalog, 'of'>,
  signal: AbortSignal | undefined,
): Promise<NamespaceOfPod | undefined> {
  const name = pod?.metadata.namespace;
  if (name === undefined) return undefined;
  const { annotations = {}, labels = {} } = (await catalog.of(NAMESPACES, signal)).find({ name })?.metadata ?? {};
  const listOf = (key: string): readonly string[] =>
    (annotations[key] ?? '').split(',').flatMap(part => (part.trim() === '' ? [] : [part.trim()]));
  return {
    name,
    labels,
    subnets: listOf('ovn.kubernetes.io/logical_switch'),
    ipPools: [...listOf(`${provider}.kubernetes.io/ip_pool`), ...listOf('ovn.kubernetes.io/ip_pool')],
  };
}

/** Whether a Subnet says itself that it is for a namespace. */
export function bindsNamespace(
  { spec }: KubeOvnSubnet,
  { name, labels }: Pick<NamespaceOfPod, 'name' | 'labels'>,
): boolean {
  return (
    spec.namespaces?.includes(name) === true ||
    spec.namespaceSelectors?.some(selector => matchesLabels(selector, labels)) === true
  );
}

/** Whether an IPPool is for a namespace, by what either of them says. */
export function isPoolOf({ metadata, spec }: KubeOvnIPPool, namespace: NamespaceOfPod | undefined): boolean {
  if (namespace === undefined) return false;
  return spec.namespaces?.includes(namespace.name) === true || namespace.ipPools.includes(metadata.name);
}
