import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject, listAt, listOr, objectOr, textAt, valueAt } from './json.ts';
import type { ResourceRules } from './served-resource.ts';
import type { StatusCause } from './status-error.ts';
import { invalidValue, requiredValue } from './status-error.ts';

const NODE_PORTS = { first: 30_000, last: 32_767 };

export interface ServiceRange {
  /** First address of the range, as a number: 10.96.0.0 is 0x0a600000. */
  readonly base: number;
  readonly size: number;
}

/**
 * Services: defaults, and the addresses and node ports that the API server itself gives out.
 *
 * @param list the services that there are, which is what is taken
 */
export function createServiceRules(range: ServiceRange, list: () => readonly ApiObject[]): ResourceRules {
  return {
    nameRule: 'rfc1035-label',
    statusKeepsMetadata: true,
    carryOver: withAllocatedValues,
    applyDefaults: service => withServiceDefaults(service, range, list()),
    validate: service => checkService(service, list()),
    validateUpdate: (service, previous) => {
      const [now, before] = [textAt(service, 'spec.clusterIP'), textAt(previous, 'spec.clusterIP')];
      return before === '' || now === before ? [] : [invalidValue('spec.clusterIP', now, 'field is immutable')];
    },
  };
}

/** A PUT that names no address or node port does not give the old ones back. */
function withAllocatedValues(service: JsonObject, previous: ApiObject): JsonObject {
  const spec = objectOr(service['spec']);
  const before = listAt(previous, 'spec.ports');
  const ports = listOr(spec['ports']).map(port => {
    const old = before.find(item => valueAt(item, 'port') === valueAt(port, 'port'));
    return {
      ...(valueAt(old, 'nodePort') === undefined ? {} : { nodePort: valueAt(old, 'nodePort') }),
      ...objectOr(port),
    };
  });
  const clusterIP = textAt(previous, 'spec.clusterIP');
  return {
    ...service,
    spec: { ...(clusterIP === '' ? {} : { clusterIP }), ...spec, ...(ports.length === 0 ? {} : { ports }) },
  };
}

/** `10.96.0.0/16` as numbers. */
export function parseServiceRange(cidr: string): ServiceRange {
  const [address = '', length = '32'] = cidr.split('/');
  return { base: toNumber(address), size: 2 ** (32 - Number(length)) };
}

function withServiceDefaults(service: JsonObject, range: ServiceRange, others: readonly ApiObject[]): JsonObject {
  const spec = objectOr(service['spec']);
  const type = spec['type'] ?? 'ClusterIP';
  const own = `${textAt(service, 'metadata.namespace')}/${textAt(service, 'metadata.name')}`;
  const rest = others.filter(other => `${other.metadata.namespace}/${other.metadata.name}` !== own);
  const addresses = type === 'ExternalName' ? {} : addressFields(textAt(spec, 'clusterIP') || freeAddress(range, rest));
  const taken = new Set(rest.flatMap(nodePortsOf));
  const ports = listOr(spec['ports']).map(item => {
    const port = { protocol: 'TCP', targetPort: objectOr(item)['port'], ...objectOr(item) };
    if (type !== 'NodePort' && type !== 'LoadBalancer') return port;
    const nodePort = Number(valueAt(port, 'nodePort') ?? 0) || freeNodePort(taken);
    taken.add(nodePort);
    return { ...port, nodePort };
  });
  const external = type === 'ClusterIP' || type === 'ExternalName' ? {} : { externalTrafficPolicy: 'Cluster' };
  return {
    ...service,
    spec: {
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ...external,
      ...spec,
      type,
      ...addresses,
      ...(ports.length === 0 ? {} : { ports }),
    },
    status: { loadBalancer: {}, ...objectOr(service['status']) },
  };
}

function addressFields(clusterIP: string): JsonObject {
  return { clusterIP, clusterIPs: [clusterIP], ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
}

function checkService(service: JsonObject, others: readonly ApiObject[]): readonly StatusCause[] {
  const ports = listAt(service, 'spec.ports');
  const clusterIP = textAt(service, 'spec.clusterIP');
  const type = textAt(service, 'spec.type');
  const key = `${textAt(service, 'metadata.namespace')}/${textAt(service, 'metadata.name')}`;
  const holder = others.find(
    other =>
      textAt(other, 'spec.clusterIP') === clusterIP && `${other.metadata.namespace}/${other.metadata.name}` !== key,
  );
  return [
    ...(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'].includes(type)
      ? []
      : [invalidValue('spec.type', type, 'supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"')]),
    ...(ports.length === 0 && clusterIP !== 'None' && type !== 'ExternalName' ? [requiredValue('spec.ports')] : []),
    ...ports.flatMap((port, index) => {
      const number = valueAt(port, 'port');
      const isPort = Number.isInteger(number) && Number(number) > 0 && Number(number) < 65_536;
      return isPort
        ? []
        : [invalidValue(`spec.ports[${index}].port`, number, 'must be between 1 and 65535, inclusive')];
    }),
    ...(holder !== undefined && clusterIP !== 'None' && clusterIP !== ''
      ? [invalidValue('spec.clusterIPs', [clusterIP], 'provided IP is already allocated')]
      : []),
  ];
}

function freeAddress(range: ServiceRange, others: readonly ApiObject[]): string {
  const taken = new Set(others.map(other => textAt(other, 'spec.clusterIP')));
  for (let offset = 1; offset < range.size - 1; offset++) {
    const address = toText(range.base + offset);
    if (!taken.has(address)) return address;
  }
  return ''; // fails validation as an address that is already taken would
}

function freeNodePort(taken: ReadonlySet<number>): number {
  let port = NODE_PORTS.first;
  while (taken.has(port) && port < NODE_PORTS.last) port++;
  return port;
}

function nodePortsOf(service: ApiObject): readonly number[] {
  return listAt(service, 'spec.ports').flatMap(port =>
    isJsonObject(port) && typeof port['nodePort'] === 'number' ? [port['nodePort']] : [],
  );
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toText(address: number): string {
  return [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.');
}
