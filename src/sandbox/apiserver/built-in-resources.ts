import {
  CONFIG_MAP_COLUMNS,
  CRD_COLUMNS,
  DEPLOYMENT_COLUMNS,
  ENDPOINT_SLICE_COLUMNS,
  ENDPOINTS_COLUMNS,
  EVENT_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  PLAIN_COLUMNS,
  POD_COLUMNS,
  REPLICA_SET_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_ACCOUNT_COLUMNS,
  SERVICE_COLUMNS,
} from './built-in-columns.ts';
import type { JsonObject } from './json.ts';
import { objectOr, textAt, valueAt } from './json.ts';
import { POD_RULES } from './pod-rules.ts';
import type { Column, ResourceRules, ServedResource, Subresource } from './served-resource.ts';

const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
  field => `involvedObject.${field}`,
);

const PLAIN: ResourceRules = { nameRule: 'subdomain', statusKeepsMetadata: true };
const SPECIFIED: ResourceRules = { ...PLAIN, hasGeneration: true };

/** The kinds that come with the server, as far as Underlane and kubectl meet them. */
export function builtInResources(serviceRules: ResourceRules): readonly ServedResource[] {
  return [
    core(
      'namespaces',
      'Namespace',
      ['ns'],
      NAMESPACE_COLUMNS,
      { ...PLAIN, nameRule: 'label', applyDefaults: withNamespaceDefaults },
      ['status', 'finalize'],
      { isNamespaced: false, fields: ['status.phase'] },
    ),
    core('nodes', 'Node', ['no'], NODE_COLUMNS, { ...PLAIN, keepsStatusOnCreate: true }, ['status'], {
      isNamespaced: false,
      fields: ['spec.unschedulable'],
    }),
    core('pods', 'Pod', ['po'], POD_COLUMNS, POD_RULES, ['status', 'binding'], {
      categories: ['all'],
      fields: [
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'status.phase',
        'status.podIP',
        'status.nominatedNodeName',
      ],
    }),
    core('services', 'Service', ['svc'], SERVICE_COLUMNS, serviceRules, ['status'], { categories: ['all'] }),
    core('endpoints', 'Endpoints', ['ep'], ENDPOINTS_COLUMNS, PLAIN),
    core('events', 'Event', ['ev'], EVENT_COLUMNS, PLAIN, [], {
      fields: [...EVENT_FIELDS, 'reason', 'source', 'type'],
    }),
    core('configmaps', 'ConfigMap', ['cm'], CONFIG_MAP_COLUMNS, PLAIN),
    core('secrets', 'Secret', [], SECRET_COLUMNS, { ...PLAIN, applyDefaults: withSecretDefaults }, [], {
      fields: ['type'],
    }),
    core('serviceaccounts', 'ServiceAccount', ['sa'], SERVICE_ACCOUNT_COLUMNS, PLAIN),
    {
      ...core(
        'deployments',
        'Deployment',
        ['deploy'],
        DEPLOYMENT_COLUMNS,
        { ...SPECIFIED, applyDefaults: withDeploymentDefaults },
        ['status', 'scale'],
        { categories: ['all'] },
      ),
      group: 'apps',
    },
    {
      ...core(
        'replicasets',
        'ReplicaSet',
        ['rs'],
        REPLICA_SET_COLUMNS,
        { ...SPECIFIED, applyDefaults: withReplicas },
        ['status', 'scale'],
        { categories: ['all'] },
      ),
      group: 'apps',
    },
    { ...core('leases', 'Lease', [], PLAIN_COLUMNS, PLAIN), group: 'coordination.k8s.io' },
    {
      ...core('endpointslices', 'EndpointSlice', [], ENDPOINT_SLICE_COLUMNS, { ...PLAIN, hasGeneration: true }),
      group: 'discovery.k8s.io',
    },
  ];
}

/** CustomResourceDefinitions themselves; their rules are those of the room that reads them. */
export function crdResource(rules: Pick<ResourceRules, 'applyDefaults' | 'validate'>): ServedResource {
  const resource = core(
    'customresourcedefinitions',
    'CustomResourceDefinition',
    ['crd', 'crds'],
    CRD_COLUMNS,
    { ...SPECIFIED, ...rules },
    ['status'],
    {
      isNamespaced: false,
      categories: ['api-extensions'],
    },
  );
  return { ...resource, group: 'apiextensions.k8s.io' };
}

interface Extras {
  readonly isNamespaced?: boolean;
  readonly categories?: readonly string[];
  readonly fields?: readonly string[];
}

function core(
  plural: string,
  kind: string,
  shortNames: readonly string[],
  columns: readonly Column[],
  rules: ResourceRules,
  subresources: readonly Subresource[] = [],
  extras: Extras = {},
): ServedResource {
  return {
    group: '',
    version: 'v1',
    plural,
    singular: kind.toLowerCase(),
    kind,
    shortNames,
    categories: extras.categories ?? [],
    isNamespaced: extras.isNamespaced ?? true,
    subresources,
    selectableFields: extras.fields ?? [],
    columns,
    rules,
  };
}

function withNamespaceDefaults(namespace: JsonObject): JsonObject {
  const metadata = objectOr(namespace['metadata']);
  const labels = { ...objectOr(metadata['labels']), 'kubernetes.io/metadata.name': textAt(metadata, 'name') };
  return {
    ...namespace,
    metadata: { ...metadata, labels },
    spec: { finalizers: ['kubernetes'], ...objectOr(namespace['spec']) },
    status: { phase: 'Active', ...objectOr(namespace['status']) },
  };
}

/** `stringData` is a way to write `data` without base64. */
function withSecretDefaults(secret: JsonObject): JsonObject {
  const { stringData, ...rest } = secret;
  const written = Object.entries(objectOr(stringData)).map(([key, value]) => [
    key,
    Buffer.from(String(value)).toString('base64'),
  ]);
  const data = { ...objectOr(rest['data']), ...Object.fromEntries(written) };
  return { type: 'Opaque', ...rest, ...(Object.keys(data).length === 0 ? {} : { data }) };
}

function withDeploymentDefaults(deployment: JsonObject): JsonObject {
  const spec = objectOr(deployment['spec']);
  const strategy =
    valueAt(spec, 'strategy.type') === 'Recreate'
      ? {}
      : {
          rollingUpdate: {
            maxUnavailable: '25%',
            maxSurge: '25%',
            ...objectOr(valueAt(spec, 'strategy.rollingUpdate')),
          },
        };
  return {
    ...deployment,
    spec: {
      replicas: 1,
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
      ...spec,
      strategy: { type: 'RollingUpdate', ...objectOr(spec['strategy']), ...strategy },
    },
    status: objectOr(deployment['status']),
  };
}

function withReplicas(replicaSet: JsonObject): JsonObject {
  return {
    ...replicaSet,
    spec: { replicas: 1, ...objectOr(replicaSet['spec']) },
    status: { replicas: 0, ...objectOr(replicaSet['status']) },
  };
}
