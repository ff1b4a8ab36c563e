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
