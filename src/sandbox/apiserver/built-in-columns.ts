import type { ApiObject } from './api-object.ts';
import { AGE_COLUMN, computed, formatAge, joined, NAME_COLUMN, pathColumn, selectorText } from './column.ts';
import { isJsonObject, listAt, objectOr, textAt, valueAt } from './json.ts';
import type { Column } from './served-resource.ts';

export const LEASE_COLUMNS: readonly Column[] = [NAME_COLUMN, pathColumn('Holder', 'spec.holderIdentity'), AGE_COLUMN];

export const POD_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed(
    'Ready',
    pod =>
      `${statuses(pod).filter(status => status['ready'] === true).length}/${listAt(pod, 'spec.containers').length}`,
  ),
  computed('Status', podStatus),
  computed(
    'Restarts',
    pod => statuses(pod).reduce((sum, status) => sum + Number(status['restartCount'] ?? 0), 0),
    'integer',
  ),
  AGE_COLUMN,
  pathColumn('IP', 'status.podIP', { priority: 1 }),
  pathColumn('Node', 'spec.nodeName', { priority: 1 }),
  pathColumn('Nominated Node', 'status.nominatedNodeName', { priority: 1 }),
  computed('Readiness Gates', readinessGates, 'string', 1),
];

export const CONFIG_MAP_COLUMNS: readonly Column[] = [NAME_COLUMN, dataColumn('data', 'binaryData'), AGE_COLUMN];

export const SECRET_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  pathColumn('Type', 'type'),
  dataColumn('data'),
  AGE_COLUMN,
];

export const SERVICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  pathColumn('Type', 'spec.type'),
  pathColumn('Cluster-IP', 'spec.clusterIP'),
  computed('External-IP', service => joined(listAt(service, 'spec.externalIPs').map(String))),
  computed('Port(s)', service => joined(listAt(service, 'spec.ports').map(portText))),
  AGE_COLUMN,
  computed('Selector', service => selectorText(valueAt(service, 'spec.selector')), 'string', 1),
];

export const ENDPOINTS_COLUMNS: readonly Column[] = [NAME_COLUMN, computed('Endpoints', endpointsText), AGE_COLUMN];

export const ENDPOINT_SLICE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed('AddressType', slice => textAt(slice, 'addressType')),
  computed('Ports', slice => joined(listAt(slice, 'ports').map(port => textAt(port, 'port')))),
  computed('Endpoints', slice =>
    shortened(listAt(slice, 'endpoints').flatMap(endpoint => listAt(endpoint, 'addresses').map(String))),
  ),
  AGE_COLUMN,
];

export const NODE_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed('Status', nodeStatus),
  computed('Roles', () => '<none>'),
  AGE_COLUMN,
  computed('Version', node => textAt(node, 'status.nodeInfo.kubeletVersion')),
  computed('Internal-IP', node => nodeAddress(node, 'InternalIP'), 'string', 1),
  computed('External-IP', node => nodeAddress(node, 'ExternalIP'), 'string', 1),
  nodeInfoColumn('OS-Image', 'osImage'),
  nodeInfoColumn('Kernel-Version', 'kernelVersion'),
  nodeInfoColumn('Container-Runtime', 'containerRuntimeVersion'),
];

export const NAMESPACE_COLUMNS: readonly Column[] = [NAME_COLUMN, pathColumn('Status', 'status.phase'), AGE_COLUMN];

export const EVENT_COLUMNS: readonly Column[] = [
  {
    ...computed('Last Seen', () => ''),
    cell: (event, now) =>
      formatAge(
        textAt(event, 'lastTimestamp') || textAt(event, 'eventTime') || textAt(event, 'metadata.creationTimestamp'),
        now,
      ),
  },
  pathColumn('Type', 'type'),
  pathColumn('Reason', 'reason'),
  computed(
    'Object',
    event => `${textAt(event, 'involvedObject.kind').toLowerCase()}/${textAt(event, 'involvedObject.name')}`,
  ),
  pathColumn('Source', 'source.component', { priority: 1 }),
  computed('Message', event => textAt(event, 'message').trim()),
  pathColumn('Count', 'count', { priority: 1 }),
  { ...NAME_COLUMN, priority: 1 },
];

export const SERVICE_ACCOUNT_COLUMNS: readonly Column[] = [
  NAME_COLUMN,
  computed('Secrets', account => listAt(account, 'secrets').length, 'integer'),
  AGE_COLUMN,
];

export const CRD_COLUMNS: readonly Column[] = [NAME_COLUMN, pathColumn('Created At', 'metadata.creationTimestamp')];

function nodeInfoColumn(name: string, field: string): Column {
  return computed(name, node => textAt(node, `status.nodeInfo.${field}`) || '<unknown>', 'string', 1);
}

/** How many keys there are. */
function dataColumn(...fields: readonly string[]): Column {
  return computed(
    'Data',
    object => fields.reduce((sum, field) => sum + Object.keys(objectOr(object[field])).length, 0),
    'integer',
  );
}

function podStatus(pod: ApiObject): string {
  if (pod.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = statuses(pod).map(
    status => textAt(status, 'state.waiting.reason') || textAt(status, 'state.terminated.reason'),
  );
  return waiting.find(reason => reason !== '') ?? (textAt(pod, 'status.reason') || textAt(pod, 'status.phase'));
}

function readinessGates(pod: ApiObject): string {
  const gates = listAt(pod, 'spec.readinessGates');
  const isTrue = (type: string): boolean =>
    listAt(pod, 'status.conditions').some(item => textAt(item, 'type') === type && textAt(item, 'status') === 'True');
  return gates.length === 0
    ? '<none>'
    : `${gates.filter(gate => isTrue(textAt(gate, 'conditionType'))).length}/${gates.length}`;
}

function nodeStatus(node: ApiObject): string {
  const ready = listAt(node, 'status.conditions').find(item => textAt(item, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (valueAt(node, 'spec.unschedulable') === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function nodeAddress(node: ApiObject, type: string): string {
  return (
    textAt(
      listAt(node, 'status.addresses').find(item => textAt(item, 'type') === type),
      'address',
    ) || '<none>'
  );
}

function endpointsText(endpoints: ApiObject): string {
  const texts = listAt(endpoints, 'subsets').flatMap(subset =>
    listAt(subset, 'ports').flatMap(port =>
      listAt(subset, 'addresses').map(address => `${textAt(address, 'ip')}:${textAt(port, 'port')}`),
    ),
  );
  return shortened(texts);
}

function shortened(texts: readonly string[]): string {
  return texts.length > 3 ? `${texts.slice(0, 3).join(',')} + ${texts.length - 3} more...` : joined(texts);
}

function portText(port: unknown): string {
  const nodePort = textAt(port, 'nodePort');
  return `${textAt(port, 'port')}${nodePort === '' || nodePort === '0' ? '' : `:${nodePort}`}/${textAt(port, 'protocol')}`;
}

function statuses(pod: ApiObject): readonly Readonly<Record<string, unknown>>[] {
  return listAt(pod, 'status.containerStatuses').filter(isJsonObject);
}
