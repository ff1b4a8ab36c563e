import { type Crd, listCrds } from '#api';

/**
 * Definitions of kinds as the projects install them whose kinds they are: what they ask for and what they know, without words
 * for people. In a cluster that has had one of them, its definitions are there and not ours.
 */
export interface PeerDefinitions {
  readonly name: string;
  readonly crds: readonly Crd[];
}

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const COUNT: Schema = { type: 'integer', format: 'int64', minimum: 0 };
const FLAG: Schema = { type: 'boolean' };
const TEXTS = listOf(TEXT);

/** Of Whereabouts 0.7 as GKE's documentation installs it: asks a reservation for its container, knows no interface name. */
export const OLDER_WHEREABOUTS: PeerDefinitions = {
  name: 'an older Whereabouts',
  crds: withSchemas({
    'ippools.whereabouts.cni.cncf.io': kind({
      spec: object({ range: TEXT, allocations: mapOf(object({ id: TEXT, podref: TEXT }, ['id'])) }, [
        'allocations',
        'range',
      ]),
    }),
    'overlappingrangeipreservations.whereabouts.cni.cncf.io': kind(
      { spec: object({ containerid: TEXT, podref: TEXT }, ['containerid']) },
      ['spec'],
    ),
  }).filter(({ metadata }) => metadata.name !== 'nodeslicepools.whereabouts.cni.cncf.io'),
};

/** Of Whereabouts 0.9, and of Spiderpool 1.2. */
export const NEWER_PEERS: PeerDefinitions = {
  name: 'a newer Whereabouts and a newer Spiderpool',
  crds: withSchemas({
    'ippools.whereabouts.cni.cncf.io': kind({
      spec: object(
        {
          range: TEXT,
          allocations: mapOf(object({ id: TEXT, podref: TEXT, ifname: TEXT }, ['id', 'podref'])),
        },
        ['allocations', 'range'],
      ),
    }),
    'overlappingrangeipreservations.whereabouts.cni.cncf.io': kind(
      { spec: object({ containerid: TEXT, podref: TEXT, ifname: TEXT }, ['podref']) },
      ['spec'],
    ),
    'nodeslicepools.whereabouts.cni.cncf.io': kind({
      spec: object({ range: TEXT, sliceSize: TEXT }, ['range', 'sliceSize']),
      status: object(
        { allocations: listOf(object({ nodeName: TEXT, sliceRange: TEXT }, ['nodeName', 'sliceRange'])) },
        ['allocations'],
      ),
    }),
    'spiderendpoints.spiderpool.spidernet.io': kind({ status: spiderEndpointStatus() }),
    'spiderippools.spiderpool.spidernet.io': kind({
      spec: object(
        {
          ...{ ipVersion: { type: 'integer', format: 'int64', enum: [4, 6] }, subnet: TEXT, gateway: TEXT },
          ...{ ips: TEXTS, excludeIPs: TEXTS, namespaceName: TEXTS, nodeName: TEXTS, multusName: TEXTS },
          ...{ default: { ...FLAG, default: false }, disable: { ...FLAG, default: false }, routes: listOf(route()) },
          ...{ podAffinity: selector(), namespaceAffinity: selector(), nodeAffinity: selector() },
        },
        ['subnet'],
      ),
      status: object({ allocatedIPs: TEXT, totalIPCount: COUNT, allocatedIPCount: COUNT }),
    }),
  }),
};

const NUMBER: Schema = { type: 'number' };

/** Of Kube-OVN 1.17, as far as addresses go. */
export const KUBE_OVN: PeerDefinitions = {
  name: 'Kube-OVN',
  crds: withSchemas({
    'subnets.kubeovn.io': kind({
      spec: object({
        ...{
          provider: TEXT,
          protocol: { ...TEXT, enum: ['IPv4', 'IPv6', 'Dual', 'Mac'] },
          cidrBlock: TEXT,
          gateway: TEXT,
        },
        ...{ excludeIps: TEXTS, vlan: TEXT, vpc: TEXT, namespaces: TEXTS, gatewayType: TEXT },
        ...{ private: FLAG, natOutgoing: FLAG, default: FLAG },
      }),
      status: object({
        ...{ v4availableIPs: NUMBER, v4usingIPs: NUMBER, v6availableIPs: NUMBER, v6usingIPs: NUMBER },
        ...{ v4availableIPrange: TEXT, v4usingIPrange: TEXT, v6availableIPrange: TEXT, v6usingIPrange: TEXT },
        ...{ activateGateway: TEXT, u2oInterconnectionIP: TEXT, conditions: listOf(condition()) },
      }),
    }),
    'ips.kubeovn.io': kind({
      spec: object({
        ...{ podName: TEXT, namespace: TEXT, subnet: TEXT, attachSubnets: TEXTS, nodeName: TEXT, ipAddress: TEXT },
        ...{ v4IpAddress: TEXT, v6IpAddress: TEXT, attachIps: TEXTS, macAddress: TEXT, attachMacs: TEXTS },
        ...{ containerID: TEXT, podType: TEXT },
      }),
    }),
    'ippools.kubeovn.io': kind({
      spec: object({ subnet: TEXT, namespaces: TEXTS, ips: { ...TEXTS, minItems: 1 }, enableAddressSet: FLAG }, [
        'ips',
        'subnet',
      ]),
      status: object({
        ...{ v4AvailableIPs: NUMBER, v4UsingIPs: NUMBER, v6AvailableIPs: NUMBER, v6UsingIPs: NUMBER },
        ...{ v4AvailableIPRange: TEXT, v4UsingIPRange: TEXT, v6AvailableIPRange: TEXT, v6UsingIPRange: TEXT },
        conditions: listOf(condition()),
      }),
    }),
  }),
};

/** Our definitions, with others' schemas in place of some. */
function withSchemas(schemas: Readonly<Record<string, Schema>>): readonly Crd[] {
  return listCrds().map(crd => {
    const schema = schemas[crd.metadata.name];
    const [version] = crd.spec.versions;
    if (schema === undefined || version === undefined) return crd;
    return { ...crd, spec: { ...crd.spec, versions: [{ ...version, schema: { openAPIV3Schema: schema } }] } };
  });
}

function kind(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return object({ apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' }, ...properties }, required);
}

function spiderEndpointStatus(): Schema {
  const addresses = object(
    {
      ...{
        interface: TEXT,
        ipv4: TEXT,
        ipv4Gateway: TEXT,
        ipv4Pool: TEXT,
        ipv6: TEXT,
        ipv6Gateway: TEXT,
        ipv6Pool: TEXT,
      },
      ...{ cleanGateway: FLAG, mac: TEXT, routes: listOf(route()) },
      vlan: { type: 'integer', format: 'int64', minimum: 0, maximum: 4094, default: 0 },
    },
    ['interface'],
  );
  const current = object({ ips: listOf(addresses), node: TEXT, uid: TEXT }, ['ips', 'node', 'uid']);
  return object({ current, ownerControllerName: TEXT, ownerControllerType: TEXT }, [
    'current',
    'ownerControllerName',
    'ownerControllerType',
  ]);
}

function route(): Schema {
  return object({ dst: TEXT, gw: TEXT }, ['dst', 'gw']);
}

function condition(): Schema {
  return object({
    type: TEXT,
    status: TEXT,
    reason: TEXT,
    message: TEXT,
    lastUpdateTime: TEXT,
    lastTransitionTime: TEXT,
  });
}

function selector(): Schema {
  return object({ matchLabels: mapOf(TEXT) });
}

function object(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length === 0 ? {} : { required }) };
}

function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

function mapOf(additionalProperties: Schema): Schema {
  return { type: 'object', additionalProperties };
}
