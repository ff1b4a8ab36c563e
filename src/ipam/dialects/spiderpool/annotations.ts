import * as z from 'zod/mini';
import { formatIssues, type KubeObject } from '#api';
import { describeWrongValue } from '#base';
import { IpamError } from '../../errors.ts';
import { poolNames } from './pool-names.ts';

const PREFIX = 'ipam.spidernet.io/';

/** Keys of annotations; those of pods unless they say otherwise. */
export const IPPOOLS_ANNOTATION = `${PREFIX}ippools`;
export const IPPOOL_ANNOTATION = `${PREFIX}ippool`;
export const SUBNETS_ANNOTATION = `${PREFIX}subnets`;
export const SUBNET_ANNOTATION = `${PREFIX}subnet`;
export const ROUTES_ANNOTATION = `${PREFIX}routes`;
export const IP_NUMBER_ANNOTATION = `${PREFIX}ippool-ip-number`;
export const RECLAIM_ANNOTATION = `${PREFIX}ippool-reclaim`;
/** Of namespaces. */
export const NAMESPACE_POOLS_ANNOTATIONS = {
  4: `${PREFIX}default-ipv4-ippool`,
  6: `${PREFIX}default-ipv6-ippool`,
} as const;

/** Names of one annotation, by family. */
export interface NamesByFamily {
  readonly 4: readonly string[];
  readonly 6: readonly string[];
}

/** What `ippools` and `subnets` say of one interface; without a name the interface is the one at its position. */
export interface InterfaceNames {
  readonly interface?: string;
  readonly names: NamesByFamily;
  readonly cleanGateway?: boolean;
}

/** An annotation's text, and whose it is: `pod "default/web-0"`. */
export interface Annotation {
  readonly key: string;
  readonly text: string;
  readonly holder: string;
}

/** An annotation and its holder, as errors name them: `annotation ipam.spidernet.io/ippool of pod "default/web-0"`. */
export function nameOf({ key, holder }: Annotation): string {
  return `annotation ${key} of ${holder}`;
}

/** An annotation; an empty one counts as none. */
export function annotationOf(
  object: KubeObject | undefined,
  key: string,
  kind: 'pod' | 'namespace',
): Annotation | undefined {
  const text = object?.metadata.annotations?.[key];
  if (object === undefined || text === undefined || text === '') return undefined;
  const { namespace, name } = object.metadata;
  return { key, text, holder: `${kind} "${namespace === undefined ? name : `${namespace}/${name}`}"` };
}

const names = z.exactOptional(z.nullable(poolNames));
const byFamily = { ipv4: names, ipv6: names };
/** Empty where there is none. */
const ifname = z
  .string()
  .check(z.regex(/^[^\s/:\p{Cc}]{0,15}$/u, { error: 'the name of an interface, at most 15 characters' }));
const named = { interface: z.exactOptional(ifname), ...byFamily };

/** Reads `ipam.spidernet.io/ippool`. @throws IpamError BAD_ANNOTATION */
export function parseIppool(annotation: Annotation): NamesByFamily {
  return namesOf(parseAnnotation(z.object(byFamily), annotation), annotation, '');
}

/** Reads `ipam.spidernet.io/subnet`; the interface is eth0 unless it says otherwise. @throws IpamError BAD_ANNOTATION */
export function parseSubnet(annotation: Annotation): InterfaceNames {
  const fields = parseAnnotation(z.object(named), annotation);
  return { interface: fields.interface || 'eth0', names: namesOf(fields, annotation, '') };
}

/** Reads `ipam.spidernet.io/ippools` or `.../subnets`: all interfaces with names or all without. @throws IpamError BAD_ANNOTATION */
export function parseInterfaces(annotation: Annotation): readonly InterfaceNames[] {
  const entry = z.object({ ...named, cleangateway: z.exactOptional(z.boolean()) });
  const entries = parseAnnotation(z.array(entry).check(z.minLength(1)), annotation);
  const read = entries.map(({ interface: name, cleangateway, ...lists }, index) => ({
    // An empty name counts as none.
    ...(name === undefined || name === '' ? {} : { interface: name }),
    names: namesOf(lists, annotation, `[${index}]`),
    ...(cleangateway === undefined ? {} : { cleanGateway: cleangateway }),
  }));
  const seen = new Set<string | undefined>();
  for (const [index, { interface: name }] of read.entries()) {
    if ((name === undefined) !== (read[0]?.interface === undefined)) {
      throw wrong(annotation, `[${index}].interface`, name, 'a name in every item or in none');
    }
    if (name !== undefined && seen.has(name)) {
      throw wrong(annotation, `[${index}].interface`, name, 'each interface once');
    }
    seen.add(name);
  }
  return read;
}

/** Reads a namespace's default pools of one family. @throws IpamError BAD_ANNOTATION */
export function parseNames(annotation: Annotation): readonly string[] {
  return parseAnnotation(poolNames, annotation);
}

type Lists = { readonly ipv4?: readonly string[] | null; readonly ipv6?: readonly string[] | null };

function namesOf({ ipv4, ipv6 }: Lists, annotation: Annotation, path: string): NamesByFamily {
  const lists = { ipv4: ipv4 ?? [], ipv6: ipv6 ?? [] };
  if (lists.ipv4.length === 0 && lists.ipv6.length === 0) {
    throw wrong(annotation, path, { ipv4, ipv6 }, 'at least one name in ipv4 or ipv6');
  }
  for (const [field, list] of Object.entries(lists)) {
    const seen = new Set<string>();
    const again = list.findIndex(name => seen.size === seen.add(name).size);
    if (again >= 0) throw wrong(annotation, `${path}.${field}[${again}]`, list[again], 'each name once');
  }
  return { 4: lists.ipv4, 6: lists.ipv6 };
}

/** Reads an annotation's JSON. @throws IpamError BAD_ANNOTATION */
export function parseAnnotation<T>(schema: z.ZodMiniType<T>, annotation: Annotation): T {
  let value: unknown;
  try {
    value = JSON.parse(annotation.text);
  } catch {
    throw wrong(annotation, '', annotation.text, 'JSON');
  }
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw bad(annotation, formatIssues(nameOf(annotation), parsed.error));
}

/** For a value that cannot be used; `path` is empty for the whole annotation. */
export function wrong(annotation: Annotation, path: string, value: unknown, expected: string): IpamError {
  const doing = `use ${nameOf(annotation)}`;
  const field = path === '' ? 'it' : path.replace(/^\./, '');
  return bad(annotation, describeWrongValue({ doing, field, value, expected }));
}

function bad({ key }: Annotation, message: string): IpamError {
  return new IpamError('BAD_ANNOTATION', message, { details: { annotation: key } });
}
