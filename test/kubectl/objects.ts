/** What the session with kubectl is about. */

export function pod(name: string, image = 'none:1'): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name }, annotations: { 'k8s.v1.cni.cncf.io/networks': 'lan' } },
    spec: { containers: [{ name: 'main', image, env: [{ name: 'A', value: '1' }], ports: [{ containerPort: 80 }] }] },
  };
}

export function service(port: number): object {
  const ports = [{ name: 'http', port }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports } };
}

export function deployment(labels: object): object {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'none:1' }] } };
  const spec = { replicas: 2, selector: { matchLabels: { app: 'web' } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', labels }, spec };
}

export function workload(kind: string, name: string, spec: object = {}): object {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'main', image: 'none:1' }] } };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: { selector: { matchLabels: { app: name } }, template, ...spec },
  };
}

export function job(name: string): object {
  const containers = [{ name: 'main', image: 'none:1' }];
  const template = { spec: { restartPolicy: 'Never', containers } };
  return { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { completions: 2, template } };
}

export function lease(holderIdentity: string): object {
  const spec = { holderIdentity, leaseDurationSeconds: 15 };
  return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'held' }, spec };
}

export const WEBHOOK: object = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'ValidatingWebhookConfiguration',
  metadata: { name: 'kubectl-nobody' },
  webhooks: [
    {
      name: 'nobody.kubectl.underlane.io',
      clientConfig: { url: 'https://127.0.0.1:1/' },
      rules: [{ apiGroups: ['none'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['none'] }],
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
};

export function configMap(name: string, data: object, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export function network(mode: string): object {
  const config = JSON.stringify({ cniVersion: '1.0.0', type: 'macvlan', master: 'eth0', mode });
  return {
    apiVersion: 'k8s.cni.cncf.io/v1',
    kind: 'NetworkAttachmentDefinition',
    metadata: { name: 'lan' },
    spec: { config },
  };
}

export function allocation(address: string): object {
  return {
    apiVersion: 'underlane.io/v1alpha1',
    kind: 'IPAllocation',
    metadata: { name: `lan-${address}` },
    spec: {
      address: `${address}/24`,
      pool: { dialect: 'whereabouts', kind: 'NetworkAttachmentDefinition', name: 'default/lan' },
      owner: {
        podNamespace: 'default',
        podName: 'web',
        podUid: '1',
        network: 'default/lan',
        interface: 'net1',
        slot: 0,
      },
      node: 'kubectl-node',
      policy: 'Ephemeral',
    },
  };
}

export const NODE: object = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'kubectl-node', labels: { zone: 'a' } },
};
