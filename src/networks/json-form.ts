import { messageOf } from '#base';
import { parseShallowJson } from '#cni';
import type { AnnotationPlace } from './annotation-place.ts';
import { annotationError } from './annotation-place.ts';
import { parseInterfaceName, parseIps, parseLabel, parseMac, parseObjectName } from './element-fields.ts';
import { nearestName } from './nearest-name.ts';
import type { NetworkSelection } from './network-selection.ts';

/** Members that are acted on. */
const SUPPORTED_MEMBERS = ['name', 'namespace', 'interface', 'interfaceRequest', 'ips', 'mac', 'cni-args'];

/** Members of the standard that Underlane does not act on: leaving them out silently would half-work. */
const UNSUPPORTED_MEMBERS = [
  'bandwidth',
  'portMappings',
  'infiniband-guid',
  'deviceID',
  'default-route',
  'ipam-claim-reference',
];

/** Names that older drafts used, too far from today's for a distance to find. */
const FORMER_MEMBERS: ReadonlyMap<string, string> = new Map([
  ['ipRequest', 'ips'],
  ['macRequest', 'mac'],
]);

/** Parses a JSON array of network objects. */
export function parseJsonElements(
  place: AnnotationPlace,
  text: string,
  namespace: string,
): readonly NetworkSelection[] {
  const value = parseJson(place, text);
  if (!Array.isArray(value)) throw annotationError(place, '', text, 'a JSON array of objects');
  return value.map((element: unknown, index) => parseElement({ ...place, index }, element, namespace));
}

function parseJson(place: AnnotationPlace, text: string): unknown {
  try {
    return parseShallowJson(text);
  } catch (error) {
    throw annotationError(place, '', text, `a JSON array of objects (${messageOf(error)})`);
  }
}

function parseElement(place: AnnotationPlace, element: unknown, namespace: string): NetworkSelection {
  if (typeof element !== 'object' || element === null || Array.isArray(element)) {
    throw annotationError(place, '', element, 'an object with a "name"');
  }
  const members = new Map<string, unknown>(Object.entries(element).filter(([, value]) => !isUnset(value)));
  // `name: ""` is no name, and saying so beats "missing".
  if ('name' in element) members.set('name', element.name);
  refuseUnknownMembers(place, members);
  const ips = members.has('ips') ? parseIps(place, 'ips', members.get('ips')) : [];
  const ifname = parseRequestedInterface(place, members);
  return {
    namespace: members.has('namespace') ? parseLabel(place, 'namespace', members.get('namespace')) : namespace,
    name: parseObjectName(place, 'name', members.get('name')),
    ...(ifname === undefined ? {} : { interface: ifname }),
    ...(ips.length === 0 ? {} : { ips }),
    ...(members.has('mac') ? { mac: parseMac(place, 'mac', members.get('mac')) } : {}),
    ...(members.has('cni-args') ? { cniArgs: parseCniArgs(place, members.get('cni-args')) } : {}),
  };
}

/** Null and empty text stand for "not given", as in every client that the standard's Go types serialise. */
function isUnset(value: unknown): boolean {
  return value === null || value === '';
}

function refuseUnknownMembers(place: AnnotationPlace, members: ReadonlyMap<string, unknown>): void {
  for (const [member, value] of members) {
    if (SUPPORTED_MEMBERS.includes(member)) continue;
    if (UNSUPPORTED_MEMBERS.includes(member)) {
      const expected = `no "${member}", which is not supported yet`;
      throw annotationError(place, member, value, expected, 'ANNOTATION_UNSUPPORTED');
    }
    const meant = FORMER_MEMBERS.get(member) ?? nearestName(member, SUPPORTED_MEMBERS, 2);
    const known = `one of ${SUPPORTED_MEMBERS.map(name => `"${name}"`).join(', ')}`;
    throw annotationError(place, 'member', member, meant === undefined ? known : `"${meant}"`);
  }
}

function parseRequestedInterface(place: AnnotationPlace, members: ReadonlyMap<string, unknown>): string | undefined {
  const names = ['interface', 'interfaceRequest'].filter(member => members.has(member));
  const [first, second] = names.map(member => parseInterfaceName(place, member, members.get(member)));
  if (second !== undefined && second !== first) {
    throw annotationError(place, 'interfaceRequest', second, `"${first}", as in "interface", or nothing`);
  }
  return first;
}

function parseCniArgs(place: AnnotationPlace, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw annotationError(place, 'cni-args', value, 'an object');
  }
  return { ...value };
}
