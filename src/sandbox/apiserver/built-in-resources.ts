import { webhookResources } from './admission/webhook-resources.ts';
import {
  CONFIG_MAP_COLUMNS,
  CRD_COLUMNS,
  ENDPOINT_SLICE_COLUMNS,
  ENDPOINTS_COLUMNS,
  EVENT_COLUMNS,
  LEASE_COLUMNS,
  NAMESPACE_COLUMNS,
  NODE_COLUMNS,
  POD_COLUMNS,
  SECRET_COLUMNS,
  SERVICE_ACCOUNT_COLUMNS,
  SERVICE_COLUMNS,
} from './built-in-columns.ts';
import { defineResource } from './define-resource.ts';
import type { JsonObject } from './json.ts';
import { objectOr, textAt } from './json.ts';
import { LEASE_RULES } from './lease-rules.ts';
import { POD_RULES } from './pod-rules.ts';
import type { ResourceRules, ServedResource } from './served-resource.ts';
import { PLAIN, SPECIFIED } from './usual-rules.ts';
import { workloadResources } from './workload-resources.ts';

const EVENT_FIELDS = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
  field => `involvedObject.${field}`,
);

/** The kinds that come with the server, as far as Underlane and kubectl meet them. */
export function builtInResources(serviceRules: ResourceRules): readonly ServedResource[] {
  return [
    defineResource(
      'namespaces',
      'Namespace',
      ['ns'],
      NAMESPACE_COLUMNS,
      { ...PLAIN, nameRule: 'label', applyDefaults: withNamespaceDefaults },
      ['status', 'finalize'],
      { isNamespaced: false, fields: ['status.phase'] },
    ),
    defineResource('nodes', 'Node', ['no'], NODE_COLUMNS, { ...PLAIN, keepsStatusOnCreate: true }, ['status'], {
      isNamespaced: false,
      fields: ['spec.unschedulable'],
    }),
    defineResource('pods', 'Pod', ['po'], POD_COLUMNS, POD_RULES, ['status', 'binding'], {
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
    defineResource('services', 'Service', ['svc'], SERVICE_COLUMNS, serviceRules, ['status'], { categories: ['all'] }),
    defineResource('endpoints', 'Endpoints', ['ep'], ENDPOINTS_COLUMNS, PLAIN),
    defineResource('events', 'Event', ['ev'], EVENT_COLUMNS, PLAIN, [], {
      fields: [...EVENT_FIELDS, 'reason', 'source', 'type'],
    }),
    defineResource('configmaps', 'ConfigMap', ['cm'], CONFIG_MAP_COLUMNS, PLAIN),
    defineResource('secrets', 'Secret', [], SECRET_COLUMNS, { ...PLAIN, applyDefaults: withSecretDefaults }, [], {
      fields: ['type'],
    }),
    defineResource('serviceaccounts', 'ServiceAccount', ['sa'], SERVICE_ACCOUNT_COLUMNS, PLAIN),
    ...workloadResources(),
    ...webhookResources(),
    { ...defineResource('leases', 'Lease', [], LEASE_COLUMNS, LEASE_RULES), group: 'coordination.k8s.io' },
    {
      ...defineResource('endpointslices', 'EndpointSlice', [], ENDPOINT_SLICE_COLUMNS, {
        ...PLAIN,
        hasGeneration: true,
      }),
      group: 'discovery.k8s.io',
    },
  ];
}

/** CustomResourceDefinitions themselves; their rules are those of the room that reads them. */
export function crdResource(rules: Pick<ResourceRules, 'applyDefaults' | 'validate'>): ServedResource {
  const resource = defineResource(
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
