import type { NetworkAttachmentDefinition, Pod } from '#api';
import { askedAttachments } from '#attach';
import { ipamsOfType } from '../ipams-of-type.ts';
import { readOr } from '../read-or.ts';

const ALLOCATED = '.kubernetes.io/allocated';

/** Whether an annotation says that an interface has its address. */
export function isAllocated(key: string): boolean {
  return key.endsWith(ALLOCATED);
}

/**
 * What of a running pod's interfaces (by what they are called in annotations) still says that it has an address, though it has
 * left that network, or has another number of interfaces of it by now. Nothing of what is not known for sure to be so: people
 * may have written the annotations, to ask for an address.
 * @param claimed providers of whose Subnets the pod has addresses
 * @param providers those of networks whose addresses come from Subnets
 */
export function leftInstances(
  pod: Pod,
  claimed: ReadonlySet<string>,
  providers: ReadonlySet<string>,
): readonly string[] {
  if (pod.status?.phase !== 'Running') return [];
  const { annotations = {} } = pod.metadata;
  const listed = listedProviders(pod);
  if (listed === undefined) return [];
  return Object.keys(annotations)
    .filter(isAllocated)
    .map(key => key.slice(0, -ALLOCATED.length))
    .filter(instance => {
      const alone = instance.slice(0, Math.max(0, instance.lastIndexOf('.')));
      const provider = [instance, alone].find(name => providers.has(name));
      return provider !== undefined && (claimed.has(provider) || !listed.has(provider));
    });
}

/** undefined where nobody can tell. */
function listedProviders(pod: Pod): ReadonlySet<string> | undefined {
  return readOr(undefined, () => {
    const selections = askedAttachments(pod).flatMap(({ selection }) => selection ?? []);
    return new Set(selections.map(({ name, namespace }) => `${name}.${namespace}`));
  });
}

/** The MAC addresses that a pod's network selections ask for, by interface; none where they cannot be read. */
export function askedMacs(pod: Pod): ReadonlyMap<string, string> {
  return readOr(new Map(), () => {
    const all = askedAttachments(pod).map(({ ifname, selection }) => [ifname, selection?.mac] as const);
    return new Map(all.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
  });
}

/** Of the networks whose addresses come from Subnets. What cannot be read is nobody's. */
export function providersOf(nads: readonly NetworkAttachmentDefinition[]): ReadonlySet<string> {
  const own = nads.filter(nad => ipamsOfType(nad, 'kube-ovn').length > 0);
  return new Set(own.map(({ metadata }) => `${metadata.name}.${metadata.namespace}`));
}
