import { type Resource, VIRTUAL_MACHINE_INSTANCES, VIRTUAL_MACHINES } from '#api';

/** KubeVirt's kinds, of which we read names, uids and owners. */
export function kubeVirtCrds() {
  return [VIRTUAL_MACHINES, VIRTUAL_MACHINE_INSTANCES].map(toCrd);
}

function toCrd({ group, version, plural, kind }: Resource) {
  const schema = { openAPIV3Schema: { type: 'object' } };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      scope: 'Namespaced',
      versions: [{ name: version, served: true, storage: true, schema }],
    },
  };
}
