import type { ApiObject } from './api-object.ts';
import { builtInResources, crdResource } from './built-in-resources.ts';
import { checkCrd, customResourcesOf, withCrdDefaults } from './custom-resources.ts';
import type { ObjectStore } from './object-store.ts';
import type { ServedResource } from './served-resource.ts';
import { storageOf } from './served-resource.ts';
import { parseServiceRanges } from './service-addresses.ts';
import { createServiceRules } from './service-rules.ts';

const CRD_STORAGE = 'apiextensions.k8s.io/customresourcedefinitions';

/** What the server serves right now: built-in kinds, and those that CustomResourceDefinitions in the store make. */
export interface ResourceRegistry {
  find(group: string, version: string, plural: string): ServedResource | undefined;
  list(): readonly ServedResource[];
}

export function createResourceRegistry(
  store: ObjectStore,
  options: { readonly serviceCidrs: readonly string[]; readonly now: () => number },
): ResourceRegistry {
  const serviceRules = createServiceRules(parseServiceRanges(options.serviceCidrs), () => store.list('/services'));
  const crds = crdResource({ applyDefaults: withCrdDefaults(options.now), validate: checkCrd });
  const builtIn = [...builtInResources(serviceRules), crds];
  const byPath = new Map(builtIn.map(resource => [`${storageOf(resource)}/${resource.version}`, resource]));
  const custom = new WeakMap<ApiObject, readonly ServedResource[]>();

  function resourcesOf(crd: ApiObject): readonly ServedResource[] {
    let resources = custom.get(crd);
    if (resources === undefined) {
      resources = customResourcesOf(crd);
      custom.set(crd, resources);
    }
    return resources;
  }

  return {
    find(group, version, plural) {
      const own = byPath.get(`${group}/${plural}/${version}`);
      if (own !== undefined) return own;
      const crd = store.find(CRD_STORAGE, undefined, `${plural}.${group}`);
      return crd === undefined ? undefined : resourcesOf(crd).find(resource => resource.version === version);
    },
    list: () => [...builtIn, ...store.list(CRD_STORAGE).flatMap(resourcesOf)],
  };
}
