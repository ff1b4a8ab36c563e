import { UnderlaneError } from '#base';
import type { Family } from '#ip';
import {
  type Annotation,
  annotationOf,
  type InterfaceNames,
  IP_NUMBER_ANNOTATION,
  parseSubnet,
  SUBNET_ANNOTATION,
  SUBNETS_ANNOTATION,
} from '../annotations.ts';
import { parseSubnets } from '../parse-subnets.ts';
import type { AskingController, Complaint, Demand } from './demand.ts';
import { type PoolSettings, poolSettings } from './pool-settings.ts';
import { wantedCount } from './wanted-count.ts';

/** The pools that a controller's pods ask for by their annotations, or why they cannot be read. */
export function demandsOf({ controller, annotations, pods }: AskingController): {
  readonly demands: readonly Demand[];
  readonly complaints: readonly Complaint[];
} {
  const complain = (message: string) => ({ demands: [], complaints: [{ controller, message }] });
  const read = (key: string): Annotation | undefined => {
    const { kind, namespace, name } = controller;
    const annotation = annotationOf({ metadata: { name, namespace, annotations } }, key, 'pod');
    return annotation && { ...annotation, holder: `${kind} "${namespace}/${name}"` };
  };
  let entries: readonly InterfaceNames[];
  let settings: PoolSettings;
  try {
    entries = entriesOf(read(SUBNETS_ANNOTATION), read(SUBNET_ANNOTATION));
    if (entries.length === 0) return { demands: [], complaints: [] };
    settings = poolSettings(read);
  } catch (error) {
    if (error instanceof UnderlaneError) return complain(error.message);
    throw error;
  }
  const { isReclaimed } = settings;
  const count = wantedCount(settings.count, pods);
  if (count === undefined) {
    return complain(
      `Cannot make a pool for ${controller.kind} "${controller.namespace}/${controller.name}": annotation ${IP_NUMBER_ANNOTATION} is ${JSON.stringify(read(IP_NUMBER_ANNOTATION)?.text ?? '+1')}, expected a fixed number like 2, since nobody knows how many pods a ${controller.kind} has`,
    );
  }
  const needed = Math.min(count, pods ?? 0);
  const demands = entries.flatMap(({ interface: own, names }, index) =>
    ([4, 6] as const).flatMap((family: Family): readonly Demand[] => {
      // Only the first subnet of a family makes a pool.
      const [subnet] = names[family];
      const ifname = own ?? (index === 0 ? 'eth0' : `net${index}`);
      return subnet === undefined
        ? []
        : [{ controller, interface: ifname, family, subnet, count, needed, isReclaimed }];
    }),
  );
  return { demands, complaints: [] };
}

/** Whether annotations of pods ask for pools of subnets at all. */
export function asksSubnets(annotations: Readonly<Record<string, string>>): boolean {
  return annotations[SUBNETS_ANNOTATION] !== undefined || annotations[SUBNET_ANNOTATION] !== undefined;
}

function entriesOf(several: Annotation | undefined, one: Annotation | undefined): readonly InterfaceNames[] {
  if (several !== undefined) return parseSubnets(several);
  return one === undefined ? [] : [parseSubnet(one)];
}
