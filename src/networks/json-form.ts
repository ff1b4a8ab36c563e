import { messageOf } from '#base';
import { parseShallowJson } from '#cni';
import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';
import { parseBandwidth, parsePortMappings } from './capability-fields.ts';
import {
  parseGateways,
  parseGuid,
  parseInterfaceName,
  parseIps,
  parseLabel,
  parseMac,
  parseObjectName,
  parseText,
} from './element-fields.ts';
import { nearestName } from './nearest-name.ts';
import type { NetworkSelection } from './network-selection.ts';

/** Members of the standard, and of Multus beyond it. */
const MEMBERS = [
  'name',
  'namespace',
  'interface',
  'interfaceRequest',
  'ips',
  'mac',
  'infiniband-guid',
  'bandwidth',
  'portMappings',
  'deviceID',
  'cni-args',
  'default-route',
  'ipam-claim-reference',
];

/** Names that older drafts used, too far from today's for a distance to find. */
const FORMER_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['ipRequest', 'ips'],
  ['macRequest', 'mac'],
]);

/**
 * Parses a JSON array of network objects.
 * @param warn told of members that mean nothing: Multus passes them over, so running manifests have them
 */
export function parseJsonElements(
  place: AnnotationPlace,
  text: string,
  namespace: string,
  warn: (warning: string) => void,
): readonly NetworkSelection[] {
  const value = parseJson(place, text);
  if (!Array.isArray(value)) throw annotationError(place, '', text, 'a JSON array of objects');
  return value.map((element: unknown, index) => parseElement({ ...place, index }, element, namespace, warn));
}

function parseJson(place: AnnotationPlace, text: string): unknown {
  try {
    return parseShallowJson(text);
  } catch (error) {
    throw annotationError(place, '', text, `a JSON array of objects (${messageOf(error)})`);
  }
}

function parseElement(
  place: AnnotationPlace,
  element: unknown,
  namespace: string,
  warn: (warning: string) => void,
): NetworkSelection {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw annotationError(place, '', element, 'an object with a "name"');
  }
  const members = new Map<string, unknown>(Object.entries(element).filter(([, value]) => !isUnset(value)));
  // `name: ""` is no name, and saying so beats "missing".
  if ('name' in element) members.set('name', element.name);
  for (const member of members.keys()) if (!MEMBERS.includes(member)) warn(unknownMember(place, member));
  const read = <T>(
    member: string,
    parse: (place: AnnotationPlace, field: string, value: unknown) => T,
  ): T | undefined => (members.has(member) ? parse(place, member, members.get(member)) : undefined);
  const ips = filled(read('ips', parseIps));
  const ipamClaim = read('ipam-claim-reference', parseObjectName);
  if (ipamClaim !== undefined && ips !== undefined) {
    throw annotationError(
      place,
      'ipam-claim-reference',
      ipamClaim,
      'no "ips" beside it: the claim says which addresses',
    );
  }
  const selection: { [Key in keyof NetworkSelection]: NetworkSelection[Key] | undefined } = {
    namespace: read('namespace', parseLabel) ?? namespace,
    name: parseObjectName(place, 'name', members.get('name')),
    interface: parseRequestedInterface(place, members),
    ips,
    mac: read('mac', parseMac),
    infinibandGuid: read('infiniband-guid', parseGuid),
    bandwidth: read('bandwidth', parseBandwidth),
    portMappings: filled(read('portMappings', parsePortMappings)),
    deviceId: read('deviceID', parseText),
    cniArgs: read('cni-args', parseCniArgs),
    defaultRoute: read('default-route', parseGateways),
    ipamClaim,
  };
  return withoutUnset(selection);
}

/** An empty list asks for nothing; not so that of default-route. */
function filled<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list?.length === 0 ? undefined : list;
}

/** What was not given is absent, not undefined. */
function withoutUnset(
  selection: { [Key in keyof NetworkSelection]: NetworkSelection[Key] | undefined },
): NetworkSelection {
  // As by construction: the members that must be there are.
  return Object.fromEntries(
    Object.entries(selection).filter(([, value]) => value !== undefined),
  ) as unknown as NetworkSelection;
}

/** Null and empty text stand for "not given", as in every client that the standard's Go types serialise. */
function isUnset(value: unknown): boolean {
  return value === null || value === '';
}

function unknownMember({ annotation, index }: AnnotationPlace, member: string): string {
  const meant = FORMER_MEMBERS.get(member) ?? nearestName(member, MEMBERS, 2);
  const hint = meant === undefined ? `known are ${MEMBERS.join(', ')}` : `"${meant}" would do something`;
  return `Annotation "${annotation}" element ${index}: member "${member}" does nothing; ${hint}`;
}

function parseRequestedInterface(place: AnnotationPlace, members: ReadonlyMap<string, unknown>): string | undefined {
  const names = ['interface', 'interfaceRequest'].filter(member => members.has(member));
  const [first, second] = names.map(member => parseInterfaceName(place, member, members.get(member)));
  if (second !== undefined && second !== first) {
    throw annotationError(place, 'interfaceRequest', second, `"${first}", as in "interface", or nothing`);
  }
  return first;
}

function parseCniArgs(place: AnnotationPlace, field: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw annotationError(place, field, value, 'an object');
  }
  return { ...value };
}
