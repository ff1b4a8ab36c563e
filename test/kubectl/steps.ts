import {
  allocation,
  configMap,
  deployment,
  job,
  lease,
  NODE,
  network,
  pod,
  service,
  WEBHOOK,
  workload,
} from './objects.ts';
import type { Step } from './step.ts';

const APPLY = ['apply', '-f', '-'];
const json = (value: object): string => JSON.stringify(value);

const SUBSET = 'the sandbox serves what Underlane and people at a terminal meet';

/** Steps that the sandbox refuses to a kubectl which looks for something in the OpenAPI document. */
const NO_OPENAPI = {
  differs:
    'kubectl before 1.27 asks the OpenAPI document whether there are dry runs, and the one of the sandbox is empty',
  onSandbox: { fails: true, shows: /doesn't support dry-run/, upTo: 26 },
};
const NO_EXPLAIN = {
  differs: 'what kubectl explains is in the OpenAPI document, and the one of the sandbox is empty',
  onSandbox: { fails: true, shows: /couldn't find resource/ },
};

/** What people type, in the order in which they may: kubectl against a cluster with our CRDs, and nobody there who runs pods. */
export const STEPS: readonly Step[] = [
  // apply: makes, leaves alone, changes
  {
    args: APPLY,
    input: [
      pod('web'),
      service(80),
      deployment({ a: '1', b: '2' }),
      configMap('settings', { a: '1' }),
      network('bridge'),
    ],
    shows:
      /^pod\/web created\nservice\/web created\ndeployment.apps\/web created\nconfigmap\/settings created\nnetworkattachmentdefinition\S+\/lan created$/,
  },
  {
    args: APPLY,
    input: [
      pod('web'),
      service(80),
      deployment({ a: '1', b: '2' }),
      configMap('settings', { a: '1' }),
      network('bridge'),
    ],
    shows:
      /^pod\/web unchanged\nservice\/web unchanged\ndeployment.apps\/web unchanged\nconfigmap\/settings unchanged\nnetworkattachmentdefinition\S+\/lan unchanged$/,
  },
  { args: ['diff', '-f', '-'], input: [configMap('settings', { a: '1' })], ...NO_OPENAPI },
  { args: ['diff', '-f', '-'], input: [configMap('settings', { a: '2' })], fails: true, ...NO_OPENAPI },
  {
    args: APPLY,
    input: [
      pod('web', 'none:2'),
      service(81),
      deployment({ a: '1' }),
      configMap('settings', { b: '2' }),
      network('vepa'),
    ],
    shows:
      /^pod\/web configured\nservice\/web configured\ndeployment.apps\/web configured\nconfigmap\/settings configured\nnetworkattachmentdefinition\S+\/lan configured$/,
  },
  {
    args: ['get', 'pod', 'web', '-o', 'jsonpath={.spec.containers[0].image} {.spec.containers[0].env[0].value}'],
    shows: /^none:2 1$/,
  },
  { args: ['get', 'service', 'web', '-o', 'jsonpath={.spec.ports[*].port}'], shows: /^81$/ },
  { args: ['get', 'deployment', 'web', '-o', 'jsonpath={.metadata.labels}'], shows: /^{"a":"1"}$/ },
  { args: ['get', 'cm', 'settings', '-o', 'jsonpath={.data}'], shows: /^{"b":"2"}$/ },
  {
    args: [...APPLY, '--dry-run=server'],
    input: [configMap('settings', { b: '3' })],
    shows: /configured \(server dry run\)/,
    ...NO_OPENAPI,
  },
  { args: ['get', 'cm', 'settings', '-o', 'jsonpath={.data}'], shows: /^{"b":"2"}$/ },
  {
    args: [...APPLY, '--server-side'],
    input: [configMap('applied', { a: '1' })],
    shows: /serverside-applied/,
    differs: 'the sandbox keeps no field managers, and so applies nothing by itself',
    onSandbox: { fails: true, shows: /Server-side apply not available on the server/ },
  },
  // create
  { args: ['create', '-f', '-'], input: [configMap('made', { a: '1' })], shows: /^configmap\/made created$/ },
  { args: ['create', '-f', '-'], input: [configMap('made', { a: '1' })], fails: true, shows: /"made" already exists/ },
  { args: ['create', 'configmap', 'typed', '--from-literal=a=1'], shows: /^configmap\/typed created$/ },
  { args: ['create', 'secret', 'generic', 'typed', '--from-literal=a=1'], shows: /^secret\/typed created$/ },
  { args: ['create', 'namespace', 'kubectl-typed'], shows: /^namespace\/kubectl-typed created$/ },
  {
    args: ['create', 'deployment', 'typed', '--image=none:1', '--replicas=2'],
    shows: /^deployment.apps\/typed created$/,
  },
  { args: ['create', 'service', 'clusterip', 'typed', '--tcp=80:8080'], shows: /^service\/typed created$/ },
  { args: ['create', 'serviceaccount', 'typed'], shows: /^serviceaccount\/typed created$/ },
  { args: ['run', 'typed', '--image=none:1', '--restart=Never'], shows: /^pod\/typed created$/ },
  { args: ['expose', 'pod', 'web', '--port=80', '--name=exposed'], shows: /^service\/exposed exposed$/ },
  { args: ['create', '-f', '-'], input: [NODE], shows: /^node\/kubectl-node created$/ },
  { args: APPLY, input: [allocation('192.0.2.7')], shows: /^ipallocation.underlane.io\/lan-192.0.2.7 created$/ },
  // what makes pods, and what watches over objects
  { args: APPLY, input: [workload('StatefulSet', 'db', { serviceName: 'db', replicas: 2 })], shows: /db created$/ },
  { args: APPLY, input: [workload('DaemonSet', 'daemon')], shows: /daemon created$/ },
  { args: APPLY, input: [job('once')], shows: /once created$/ },
  { args: APPLY, input: [lease('a')], shows: /held created$/ },
  { args: APPLY, input: [lease('b')], shows: /held configured$/ },
  { args: ['apply', '-f', '-'], input: [WEBHOOK], shows: /kubectl-nobody created$/ },
  { args: ['get', 'sts', 'db'], shows: /^NAME +READY +AGE\ndb +0\/2 / },
  { args: ['get', 'sts', 'db', '-o', 'wide'], shows: /CONTAINERS +IMAGES\n.*main +none:1$/ },
  {
    args: ['get', 'ds', 'daemon'],
    shows: /^NAME +DESIRED +CURRENT +READY +UP-TO-DATE +AVAILABLE +NODE SELECTOR +AGE\ndaemon +0 +0 +0 +0 +0 +<none> /,
  },
  { args: ['get', 'job', 'once'], shows: /^NAME +COMPLETIONS +DURATION +AGE\nonce +0\/2 / },
  { args: ['get', 'job', 'once', '-o', 'jsonpath={.spec.parallelism} {.spec.backoffLimit}'], shows: /^1 6$/ },
  { args: ['get', 'lease', 'held'], shows: /^NAME +HOLDER +AGE\nheld +b / },
  {
    args: ['get', 'validatingwebhookconfiguration', 'kubectl-nobody'],
    shows: /NAME +WEBHOOKS +AGE\nkubectl-nobody +1 /,
  },
  {
    args: ['get', 'validatingwebhookconfiguration', 'kubectl-nobody', '-o', 'jsonpath={.webhooks[0].failurePolicy}'],
    shows: /^Fail$/,
  },
  { args: ['scale', 'sts', 'db', '--replicas=3'], shows: /scaled$/ },
  {
    args: ['get', 'sts', 'db', '-o', 'jsonpath={.spec.replicas} {.spec.podManagementPolicy}'],
    shows: /^3 OrderedReady$/,
  },
  { args: ['describe', 'sts', 'db'], shows: /Replicas: +3 desired/ },
  {
    args: ['describe', 'ds', 'daemon'],
    shows: /Desired Number of Nodes Scheduled: 0/,
    differs: 'the real server keeps an annotation for clients of long ago',
  },
  { args: ['delete', 'sts/db', 'ds/daemon', 'job/once', 'lease/held'], shows: /deleted/ },
  { args: ['delete', 'validatingwebhookconfiguration', 'kubectl-nobody'], shows: /deleted$/ },
  // get
  { args: ['get', 'pods'], shows: /NAME +READY +STATUS +RESTARTS +AGE[\s\S]*web +0\/1 +Pending +0/ },
  { args: ['get', 'po,svc,deploy', '-o', 'wide'], shows: /pod\/web +0\/1 +Pending +0 +\S+ +<none> +<none>/ },
  { args: ['get', 'pods', '-l', 'app in (web)', '-o', 'name'], shows: /^pod\/web$/ },
  { args: ['get', 'pods', '--field-selector', 'status.phase=Running'], shows: /^$/ },
  { args: ['get', 'pods', '--show-labels'], shows: /app=web/ },
  { args: ['get', 'pods', '-L', 'app'], shows: /AGE +APP/ },
  {
    args: [
      'get',
      'pods',
      '--sort-by',
      '.metadata.name',
      '-o',
      'custom-columns=N:.metadata.name,I:.spec.containers[*].image',
    ],
    shows: /^N +I\ntyped +none:1\nweb +none:2$/,
  },
  { args: ['get', 'pod', 'web', 'typed', '--no-headers'], shows: /^web .*\ntyped / },
  { args: ['get', 'pods', '-A', '--chunk-size=1', '-o', 'name'], shows: /pod\/web/ },
  { args: ['get', 'cm', 'settings', '-o', 'yaml'], shows: /b: "2"\nkind: ConfigMap/ },
  { args: ['get', 'cm', 'settings', '-o', 'json'], shows: /"kind": "ConfigMap"/ },
  { args: ['get', 'net-attach-def'], shows: /^NAME +AGE\nlan / },
  { args: ['get', 'nad', 'lan', '-o', 'yaml'], shows: /kind: NetworkAttachmentDefinition[\s\S]*vepa/ },
  {
    args: ['get', 'ipallocations', '-o', 'wide'],
    shows: /NAME +ADDRESS +POD NAMESPACE +POD +NETWORK +INTERFACE +NODE +AGE/,
  },
  { args: ['get', 'ipa', 'lan-192.0.2.7', '-o', 'jsonpath={.spec.address}'], shows: /^192.0.2.7\/24$/ },
  { args: ['get', 'attachmentpolicies'], shows: /^$/ },
  { args: ['get', 'nodes', '-o', 'wide'], shows: /kubectl-node +Unknown +<none>/ },
  { args: ['get', 'namespace', 'default'], shows: /default +Active/ },
  { args: ['get', 'crd', 'ipallocations.underlane.io'], shows: /CREATED AT/ },
  { args: ['get', 'secrets', 'typed'], shows: /typed +Opaque +1/ },
  { args: ['get', 'sa', 'typed'], shows: /typed/ },
  { args: ['get', 'endpoints'], shows: /^$/ },
  { args: ['get', 'events'], shows: /^$/ },
  { args: ['get', 'pod', 'nobody'], fails: true, shows: /pods "nobody" not found/ },
  { args: ['get', 'pod', 'nobody', '--ignore-not-found'], shows: /^$/ },
  { args: ['get', 'nonsense'], fails: true, shows: /the server doesn't have a resource type "nonsense"/ },
  { args: ['get', '--raw', '/readyz'], shows: /^ok$/ },
  { args: ['get', 'all'], shows: /pod\/web[\s\S]*service\/web[\s\S]*deployment.apps\/web/ },
  // describe
  {
    args: ['describe', 'pod', 'web'],
    shows: /Name: +web\n[\s\S]*k8s.v1.cni.cncf.io\/networks: lan[\s\S]*Events: +<none>/,
    differs:
      'admission: tolerations of every pod, and the service account that no cluster without its controller gives',
  },
  {
    args: ['describe', 'service', 'web'],
    shows: /Selector: +app=web[\s\S]*81\/TCP/,
    differs: 'IP families and the internal traffic policy are newer than Kubernetes 1.20',
  },
  { args: ['describe', 'net-attach-def', 'lan'], shows: /Kind: +NetworkAttachmentDefinition[\s\S]*vepa/ },
  { args: ['describe', 'ipallocation', 'lan-192.0.2.7'], shows: /Address: +192.0.2.7\/24/ },
  {
    args: ['describe', 'node', 'kubectl-node'],
    shows: /Name: +kubectl-node[\s\S]*zone=a/,
    differs: 'admission: the taint of a node that is not ready yet',
  },
  { args: ['describe', 'deployment', 'web'], shows: /Replicas: +2 desired/ },
  { args: ['describe', 'cm', 'settings'], shows: /b:\n----\n2\n/ },
  {
    args: ['describe', 'namespace', 'kubectl-typed'],
    shows: /Status: +Active/,
    differs: 'the label with the name is newer than Kubernetes 1.20',
  },
  // change
  { args: ['label', 'pod', 'web', 'colour=blue'], shows: /^pod\/web labeled$/ },
  { args: ['label', 'pod', 'web', 'colour=red'], fails: true, shows: /already has a value/ },
  { args: ['label', 'pod', 'web', 'colour=red', '--overwrite'], shows: /labeled$/ },
  { args: ['label', 'pod', 'web', 'colour-'], shows: /^pod\/web / },
  { args: ['annotate', 'pod', 'web', 'note=hello'], shows: /^pod\/web annotated$/ },
  {
    args: ['patch', 'pod', 'web', '-p', json({ metadata: { labels: { shape: 'round' } } })],
    shows: /^pod\/web patched$/,
  },
  {
    args: ['patch', 'pod', 'web', '-p', json({ metadata: { labels: { shape: 'round' } } })],
    shows: /^pod\/web patched \(no change\)$/,
  },
  { args: ['patch', 'cm', 'settings', '--type=merge', '-p', json({ data: { c: '3' } })], shows: /patched$/ },
  { args: ['patch', 'cm', 'settings', '--type=json', '-p', '[{"op":"remove","path":"/data/c"}]'], shows: /patched$/ },
  {
    args: ['patch', 'cm', 'settings', '--type=json', '-p', '[{"op":"remove","path":"/data/x"}]'],
    fails: true,
    shows: /[Tt]he request is invalid/,
    differs: 'the sandbox says which path is missing, to kubectl that prints it',
  },
  {
    args: ['patch', 'net-attach-def', 'lan', '--type=merge', '-p', json({ metadata: { labels: { a: 'b' } } })],
    shows: /patched$/,
  },
  {
    args: ['patch', 'net-attach-def', 'lan', '-p', '{}'],
    fails: true,
    shows: /in an unknown format - accepted media types include: application\/json-patch/,
    differs: 'the sandbox takes no apply patches, and lists none',
  },
  {
    args: ['patch', 'ipa', 'lan-192.0.2.7', '--type=merge', '-p', json({ spec: { policy: 'Other' } })],
    fails: true,
    shows: /Unsupported value: "Other"/,
  },
  { args: ['patch', 'svc', 'web', '-p', json({ spec: { ports: [{ port: 82, name: 'more' }] } })], shows: /patched$/ },
  { args: ['get', 'svc', 'web', '-o', 'jsonpath={.spec.ports[*].name}'], shows: /^more http$/ },
  {
    args: ['patch', 'pod', 'web', '-p', json({ spec: { hostname: 'other' } })],
    fails: true,
    shows: /pod updates may not change fields/,
    differs: 'the real server adds a dump of Go structures',
  },
  { args: ['set', 'image', 'deployment/web', 'main=none:3'], shows: /image updated$/ },
  { args: ['scale', 'deployment', 'web', '--replicas=5'], shows: /scaled$/ },
  {
    args: ['get', 'deployment', 'web', '-o', 'jsonpath={.spec.replicas} {.spec.template.spec.containers[0].image}'],
    shows: /^5 none:3$/,
  },
  { args: ['replace', '-f', '-'], input: [configMap('made', { z: '9' })], shows: /^configmap\/made replaced$/ },
  { args: ['replace', '-f', '-'], input: [configMap('nobody', {})], fails: true, shows: /"nobody" not found/ },
  { args: ['cordon', 'kubectl-node'], shows: /^node\/kubectl-node cordoned$/ },
  { args: ['taint', 'node', 'kubectl-node', 'a=b:NoSchedule'], shows: /tainted$/ },
  { args: ['get', 'nodes', 'kubectl-node'], shows: /Unknown,SchedulingDisabled/ },
  // ask
  {
    args: ['wait', '--for=condition=Established', 'crd/ipallocations.underlane.io', '--timeout=20s'],
    shows: /condition met$/,
  },
  {
    args: ['wait', '--for=condition=Ready', 'pod/web', '--timeout=1s'],
    fails: true,
    shows: /timed out waiting for the condition/,
  },
  { args: ['auth', 'can-i', 'create', 'pods'], shows: /^yes$/ },
  {
    args: ['api-resources', '--api-group=underlane.io', '-o', 'name'],
    shows: /^attachmentpolicies.underlane.io\nipallocations.underlane.io$/,
  },
  {
    args: ['api-resources', '--namespaced=true', '--api-group='],
    shows: /pods +po +v1 +true +Pod/,
    differs: SUBSET,
  },
  {
    args: ['api-versions'],
    shows: /underlane.io\/v1alpha1[\s\S]*\nv1$/m,
    differs: SUBSET,
  },
  { args: ['version'], shows: /Server Version/, differs: 'they are different versions' },
  { args: ['cluster-info'], shows: /is running at/ },
  { args: ['explain', 'pods'], shows: /KIND: +Pod/, ...NO_EXPLAIN },
  { args: ['explain', 'ipallocation.spec'], shows: /KIND: +IPAllocation/, ...NO_EXPLAIN },
  {
    args: ['logs', 'web'],
    differs: 'the sandbox runs no containers, and says so',
    onSandbox: { fails: true, shows: /runs no containers: pod web has no logs/ },
  },
  {
    args: ['exec', 'web', '--', 'true'],
    fails: true,
    shows: /pod web does not have a host assigned/,
    differs: 'the sandbox runs no containers, and says so',
    onSandbox: { fails: true, shows: /runs no containers: pod web has no exec/ },
  },
  { args: ['rollout', 'status', 'deployment/web', '--watch=false'], shows: /Waiting for/ },
  { args: ['top', 'pods'], fails: true },
  // delete
  {
    args: ['create', '-f', '-'],
    input: [configMap('held', {}, { finalizers: ['underlane.io/hold'] })],
    shows: /created$/,
  },
  { args: ['delete', 'cm', 'held', '--wait=false'], shows: /^configmap "held" deleted/ },
  { args: ['get', 'cm', 'held', '-o', 'jsonpath={.metadata.finalizers}'], shows: /underlane.io\/hold/ },
  { args: ['patch', 'cm', 'held', '--type=merge', '-p', json({ metadata: { finalizers: null } })], shows: /patched/ },
  { args: ['get', 'cm', 'held', '--ignore-not-found'], shows: /^$/ },
  { args: ['delete', 'pod', 'nobody'], fails: true, shows: /pods "nobody" not found/ },
  { args: ['delete', 'pod', 'nobody', '--ignore-not-found'] },
  {
    args: ['delete', 'pod/web', 'service/web', 'cm/made'],
    shows: /^pod "web" deleted.*\nservice "web" deleted.*\nconfigmap "made" deleted/,
  },
  ...ownership('background', '--cascade=background', /^$/),
  ...ownership('foreground', '--cascade=foreground', /^$/),
  ...ownership('orphan', '--cascade=orphan', /^configmap\/orphan-child$/),
  { args: ['delete', 'deployment', 'web', 'typed'], shows: /"web" deleted[\s\S]*"typed" deleted/ },
  { args: ['delete', 'pods', '--all', '--grace-period=0', '--force'], shows: /pod "typed" force deleted/ },
  { args: ['delete', 'secret', '-l', 'app=web'], shows: /No resources found|^$/ },
  { args: ['delete', 'node/kubectl-node', 'ipallocation/lan-192.0.2.7'], shows: /deleted/ },
  { args: ['delete', 'namespace', 'kubectl-typed'], shows: /^namespace "kubectl-typed" deleted/ },
  { args: ['get', 'namespace', 'kubectl-typed'], fails: true, shows: /not found/ },
];

/** An owner, what it owns, and what is left of that when the owner is gone. */
function ownership(name: string, cascade: string, left: RegExp): readonly Step[] {
  const child = (uid: string): object => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: `${name}-owner`, uid, blockOwnerDeletion: true };
    return configMap(`${name}-child`, {}, { ownerReferences: [owner] });
  };
  const uidOf = ['get', 'cm', `${name}-owner`, '-o', 'jsonpath={.metadata.uid}'];
  return [
    { args: ['create', '-f', '-'], input: [configMap(`${name}-owner`, {})], shows: /created$/ },
    { args: ['create', '-f', '-'], inputFrom: { args: uidOf, make: uid => [child(uid)] }, shows: /created$/ },
    { args: ['delete', 'cm', `${name}-owner`, cascade], shows: /deleted/ },
    { args: ['get', 'cm', `${name}-child`, '--ignore-not-found', '-o', 'name'], shows: left, isSettling: true },
    {
      args: ['get', 'cm', `${name}-child`, '--ignore-not-found', '-o', 'jsonpath={.metadata.ownerReferences}'],
      shows: /^$/,
    },
  ];
}
