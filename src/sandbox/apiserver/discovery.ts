import type { JsonObject } from './json.ts';
import type { ServedResource } from './served-resource.ts';
import { apiVersionOf, hasSubresource } from './served-resource.ts';

/** `/api` */
export function coreVersions(): JsonObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** `/apis`: every group but the core one. */
export function groupList(resources: readonly ServedResource[]): JsonObject {
  const groups = [...new Set(resources.map(resource => resource.group))].filter(group => group !== '').sort();
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(group => describeGroup(resources, group)) };
}

/** `/apis/G`, undefined where there is no such group. */
export function groupDocument(resources: readonly ServedResource[], group: string): JsonObject | undefined {
  return resources.some(resource => resource.group === group)
    ? { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(resources, group) }
    : undefined;
}

/** `/api/v1` and `/apis/G/V`, undefined where nothing is served. */
export function resourceList(
  resources: readonly ServedResource[],
  group: string,
  version: string,
): JsonObject | undefined {
  const served = resources.filter(resource => resource.group === group && resource.version === version);
  if (served.length === 0) return undefined;
  const [first] = served;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: first === undefined ? version : apiVersionOf(first),
    resources: served.flatMap(describeResource),
  };
}

function describeGroup(resources: readonly ServedResource[], group: string): JsonObject {
  const names = [
    ...new Set(resources.filter(resource => resource.group === group).map(resource => resource.version)),
  ].sort(byStability);
  const versions = names.map(version => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

/** Stable before beta before alpha, newer before older: `v2`, `v1`, `v1beta2`, `v1beta1`, `v1alpha1`. */
function byStability(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    return [
      match?.[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0,
      Number(match?.[1] ?? 0),
      Number(match?.[3] ?? 0),
    ];
  };
  const [left, right] = [rank(a), rank(b)];
  return left.map((value, index) => (right[index] ?? 0) - value).find(difference => difference !== 0) ?? 0;
}

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

function describeResource(resource: ServedResource): readonly JsonObject[] {
  const { plural, kind, isNamespaced: namespaced } = resource;
  const main = {
    name: plural,
    singularName: resource.singular,
    namespaced,
    kind,
    verbs: VERBS,
    ...(resource.shortNames.length === 0 ? {} : { shortNames: resource.shortNames }),
    ...(resource.categories.length === 0 ? {} : { categories: resource.categories }),
  };
  const parts = [
    ...(hasSubresource(resource, 'status')
      ? [{ name: `${plural}/status`, kind, verbs: ['get', 'patch', 'update'] }]
      : []),
    ...(hasSubresource(resource, 'finalize') ? [{ name: `${plural}/finalize`, kind, verbs: ['update'] }] : []),
    ...(hasSubresource(resource, 'binding') ? [{ name: `${plural}/binding`, kind: 'Binding', verbs: ['create'] }] : []),
    ...(hasSubresource(resource, 'scale')
      ? [
          {
            name: `${plural}/scale`,
            kind: 'Scale',
            group: 'autoscaling',
            version: 'v1',
            verbs: ['get', 'patch', 'update'],
          },
        ]
      : []),
  ];
  return [main, ...parts.map(part => ({ singularName: '', namespaced, ...part }))];
}
