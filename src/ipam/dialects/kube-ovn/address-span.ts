import { contains, findIp, findPrefix, lastOf, type Prefix, type Range, rangeOf } from '#ip';

/** What a text of a list says, or what it should have said. */
export type SpanReading = { readonly span: Range } | { readonly expected: string };

/** Reads an address, or a range `a..b` with both ends in it. */
export function readSpan(text: string): SpanReading {
  const [from = '', to = from, ...more] = text.split('..').map(part => part.trim());
  const [first, last] = [findIp(from), findIp(to)];
  if (more.length > 0 || first === undefined || last === undefined) return { expected: SPAN };
  if (first.family !== last.family) return { expected: 'a range of one family' };
  if (first.value > last.value) return { expected: 'a range whose end is not below its start' };
  return { span: { family: first.family, first: first.value, last: last.value } };
}

/** Reads an address, a range `a..b` or a prefix. */
export function readSpanOrPrefix(text: string): SpanReading {
  const prefix = findPrefix(text.trim());
  if (prefix !== undefined) return { span: rangeOf(prefix) };
  const reading = readSpan(text);
  return 'expected' in reading && reading.expected === SPAN ? { expected: `${SPAN} or a prefix` } : reading;
}

/** Whether any address of a range lies in the network. */
export function touches(prefix: Prefix, span: Range): boolean {
  if (contains(prefix, { family: span.family, value: span.first })) return true;
  return (
    span.family === prefix.family &&
    span.first < prefix.network &&
    span.last >= prefix.network &&
    span.first <= lastOf(prefix)
  );
}

const SPAN = 'an address like 10.0.0.5 or a range like 10.0.0.5..10.0.0.9';
