import { type KubeOvnIPPool, type ObjectProblem, wrongField } from '#api';
import { type Family, findIp, type IntervalSet, normalise, type Range } from '#ip';
import { readSpanOrPrefix } from './address-span.ts';

/** An IPPool, read. */
export interface ReadPool {
  readonly pool: KubeOvnIPPool;
  readonly reading: PoolReading;
}

/** The addresses that an IPPool names, whether its Subnet has them or not. */
export interface PoolReading {
  readonly members: Readonly<Record<Family, IntervalSet>>;
  /** By their place in `spec.ips`; undefined where the text says nothing. */
  readonly spans: readonly (Range | undefined)[];
  readonly problems: readonly ObjectProblem[];
}

/** Reads what an IPPool's texts say. Pure; nothing is thrown. */
export function readPool({ metadata, spec }: KubeOvnIPPool): PoolReading {
  const problems: ObjectProblem[] = [];
  if (findIp(metadata.name) !== undefined) {
    problems.push(
      wrongField(['metadata', 'name'], metadata.name, 'a name that is no address: ip_pool could not tell them apart'),
    );
  }
  const seen = new Map<string, number>();
  const spans = spec.ips.map((text, index) => {
    const path = ['spec', 'ips', index];
    const reading = readSpanOrPrefix(text);
    if ('expected' in reading) {
      problems.push(wrongField(path, text, reading.expected));
      return undefined;
    }
    const { family, first, last } = reading.span;
    const key = `${family} ${first} ${last}`;
    const other = seen.get(key);
    if (other !== undefined) problems.push(wrongField(path, text, `no addresses that spec.ips[${other}] has`));
    seen.set(key, index);
    return reading.span;
  });
  const of = (family: Family): IntervalSet => normalise(spans.flatMap(span => (span?.family === family ? [span] : [])));
  return { members: { 4: of(4), 6: of(6) }, spans, problems };
}
