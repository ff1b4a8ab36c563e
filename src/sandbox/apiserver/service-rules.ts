import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject, listAt, listOr, objectOr, textAt, valueAt } from './json.ts';
import type { ResourceRules } from './served-resource.ts';
import { addressFields, checkAddresses, checkAddressUpdate, type ServiceRanges } from './service-addresses.ts';
import type { StatusCause } from './status-error.ts';
import { invalidValue, requiredValue } from './status-error.ts';

const NODE_PORTS = { first: 30_000, last: 32_767 };

/**
 * Services: defaults, and the addresses and node ports that the API server itself gives out.
 *
 * @param list the services that there are, which is what is taken
 */
export function createServiceRules(ranges: ServiceRanges, list: () => readonly ApiObject[]): ResourceRules {
  return {
    nameRule: 'rfc1035-label',
    statusKeepsMetadata: true,
    carryOver: withAllocatedValues,
    applyDefaults: service => withServiceDefaults(service, ranges, list()),
    validate: service => checkService(service, ranges, list()),
    validateUpdate: checkAddressUpdate,
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
  const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].flatMap(field => {
    const value = valueAt(previous, `spec.${field}`);
    return value === undefined ? [] : [[field, value]];
  });
  return {
    ...service,
    spec: { ...Object.fromEntries(allocated), ...spec, ...(ports.length === 0 ? {} : { ports }) },
  };
}

function withServiceDefaults(service: JsonObject, ranges: ServiceRanges, services: readonly ApiObject[]): JsonObject {
  const spec = objectOr(service['spec']);
  const type = spec['type'] ?? 'ClusterIP';
  const others = otherServices(service, services);
  const addresses = type === 'ExternalName' ? {} : addressFields(spec, ranges, others);
  const taken = new Set(others.flatMap(nodePortsOf));
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

function checkService(
  service: JsonObject,
  ranges: ServiceRanges,
  services: readonly ApiObject[],
): readonly StatusCause[] {
  const ports = listAt(service, 'spec.ports');
  const clusterIP = textAt(service, 'spec.clusterIP');
  const type = textAt(service, 'spec.type');
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
    ...(type === 'ExternalName' ? [] : checkAddresses(service, ranges, otherServices(service, services))),
  ];
}

function otherServices(service: JsonObject, services: readonly ApiObject[]): readonly ApiObject[] {
  const own = `${textAt(service, 'metadata.namespace')}/${textAt(service, 'metadata.name')}`;
  return services.filter(({ metadata }) => `${metadata.namespace}/${metadata.name}` !== own);
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
