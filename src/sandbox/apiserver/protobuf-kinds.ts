/** A field of a protobuf message: its JSON name, and how it is written. */
export type FieldShape = readonly [name: string, type: FieldType, isList?: 'list'];
export type FieldType =
  | 'string'
  | 'bytes'
  | 'int'
  | 'int-or-zero'
  | 'bool'
  | 'time'
  | 'int-or-string'
  | 'text-map'
  | 'bytes-map'
  | Message;
export interface Message {
  readonly [field: number]: FieldShape;
}

/*
 * Field numbers are those of the generated.proto files of k8s.io/api and k8s.io/apimachinery, which never change. Here are the kinds
 * that kubectl makes without a manifest, as far as its flags reach: what else is in a message is refused, never dropped.
 */
const META: Message = {
  1: ['name', 'string'],
  2: ['generateName', 'string'],
  3: ['namespace', 'string'],
  5: ['uid', 'string'],
  6: ['resourceVersion', 'string'],
  8: ['creationTimestamp', 'time'],
  11: ['labels', 'text-map'],
  12: ['annotations', 'text-map'],
  14: ['finalizers', 'string', 'list'],
};
const object = (fields: Message): Message => ({ 1: ['metadata', META], 3: ['status', {}], ...fields });
const PORT: Message = {
  1: ['name', 'string'],
  2: ['protocol', 'string'],
  3: ['port', 'int'],
  4: ['targetPort', 'int-or-string'],
  5: ['nodePort', 'int'],
};
const SERVICE_SPEC: Message = {
  1: ['ports', PORT, 'list'],
  2: ['selector', 'text-map'],
  3: ['clusterIP', 'string'],
  4: ['type', 'string'],
  7: ['sessionAffinity', 'string'],
  10: ['externalName', 'string'],
};
const CONTAINER: Message = {
  1: ['name', 'string'],
  2: ['image', 'string'],
  3: ['command', 'string', 'list'],
  4: ['args', 'string', 'list'],
  6: [
    'ports',
    { 1: ['name', 'string'], 2: ['hostPort', 'int'], 3: ['containerPort', 'int'], 4: ['protocol', 'string'] },
    'list',
  ],
  7: ['env', { 1: ['name', 'string'], 2: ['value', 'string'] }, 'list'],
  8: ['resources', {}],
  14: ['imagePullPolicy', 'string'],
};
const POD_SPEC: Message = { 2: ['containers', CONTAINER, 'list'], 3: ['restartPolicy', 'string'] };
const DEPLOYMENT_SPEC: Message = {
  1: ['replicas', 'int-or-zero'],
  2: ['selector', { 1: ['matchLabels', 'text-map'] }],
  3: ['template', { 1: ['metadata', META], 2: ['spec', POD_SPEC] }],
  4: ['strategy', {}],
};
const ACCESS: Message = {
  1: ['namespace', 'string'],
  2: ['verb', 'string'],
  3: ['group', 'string'],
  4: ['version', 'string'],
  5: ['resource', 'string'],
  6: ['subresource', 'string'],
  7: ['name', 'string'],
};

/** By apiVersion and kind. */
export const PROTOBUF_KINDS: Readonly<Record<string, Message>> = {
  'v1 Namespace': object({ 2: ['spec', { 1: ['finalizers', 'string', 'list'] }] }),
  'v1 ConfigMap': {
    1: ['metadata', META],
    2: ['data', 'text-map'],
    3: ['binaryData', 'bytes-map'],
    4: ['immutable', 'bool'],
  },
  'v1 Secret': {
    1: ['metadata', META],
    2: ['data', 'bytes-map'],
    3: ['type', 'string'],
    4: ['stringData', 'text-map'],
    5: ['immutable', 'bool'],
  },
  'v1 ServiceAccount': { 1: ['metadata', META] },
  'v1 Service': object({ 2: ['spec', SERVICE_SPEC] }),
  'apps/v1 Deployment': object({ 2: ['spec', DEPLOYMENT_SPEC] }),
  'authorization.k8s.io/v1 SelfSubjectAccessReview': object({
    2: [
      'spec',
      {
        1: ['resourceAttributes', ACCESS],
        2: ['nonResourceAttributes', { 1: ['path', 'string'], 2: ['verb', 'string'] }],
      },
    ],
  }),
  'v1 DeleteOptions': {
    1: ['gracePeriodSeconds', 'int-or-zero'],
    2: ['preconditions', { 1: ['uid', 'string'], 2: ['resourceVersion', 'string'] }],
    4: ['propagationPolicy', 'string'],
    5: ['dryRun', 'string', 'list'],
  },
};
