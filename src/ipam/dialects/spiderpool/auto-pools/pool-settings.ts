import { type Annotation, IP_NUMBER_ANNOTATION, RECLAIM_ANNOTATION, wrong } from '../annotations.ts';
import { type CountRule, DEFAULT_COUNT, parseCount } from './wanted-count.ts';

/** What a workload says of the pools that SpiderSubnets make for it. */
export interface PoolSettings {
  readonly count: CountRule;
  /** Whether they go with it. */
  readonly isReclaimed: boolean;
}

/** @param read gives an annotation, if it is there. @throws IpamError BAD_ANNOTATION */
export function poolSettings(read: (key: string) => Annotation | undefined): PoolSettings {
  const [count, reclaim] = [read(IP_NUMBER_ANNOTATION), read(RECLAIM_ANNOTATION)];
  return {
    count: count === undefined ? DEFAULT_COUNT : parseIpNumber(count),
    isReclaimed: reclaim === undefined || parseReclaim(reclaim),
  };
}

/** Reads `ipam.spidernet.io/ippool-ip-number`. @throws IpamError BAD_ANNOTATION */
export function parseIpNumber(annotation: Annotation): CountRule {
  const count = parseCount(annotation.text);
  // A pool of none would keep its pods waiting for ever.
  if (count !== undefined && (count.isRelative || count.number > 0)) return count;
  throw wrong(
    annotation,
    '',
    annotation.text,
    'how many addresses in all, like 2, or beside one for each pod, like +2',
  );
}

/** Reads `ipam.spidernet.io/ippool-reclaim`, in every spelling that Spiderpool knows. @throws IpamError BAD_ANNOTATION */
export function parseReclaim(annotation: Annotation): boolean {
  const text = annotation.text.trim();
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw wrong(annotation, '', annotation.text, '"true" or "false"');
}
