/** Objects as people write them, for `kubectl apply`. */
export function network(name: string, config: object): string {
  const metadata = { name };
  const object = { apiVersion: 'k8s.cni.cncf.io/v1', kind: 'NetworkAttachmentDefinition', metadata };
  return JSON.stringify({ ...object, spec: { config: JSON.stringify({ cniVersion: '1.0.0', ...config }) } });
}

export function subnet(name: string, spec: object): string {
  const provider = `${name}.default`;
  return JSON.stringify({
    apiVersion: 'kubeovn.io/v1',
    kind: 'Subnet',
    metadata: { name },
    spec: { provider, protocol: 'IPv4', ...spec },
  });
}

export function policy(name: string, spec: object): string {
  return JSON.stringify({ apiVersion: 'underlane.io/v1alpha1', kind: 'AttachmentPolicy', metadata: { name }, spec });
}

export function pool(name: string, spec: object): string {
  return JSON.stringify({
    apiVersion: 'spiderpool.spidernet.io/v2beta1',
    kind: 'SpiderIPPool',
    metadata: { name },
    spec,
  });
}
