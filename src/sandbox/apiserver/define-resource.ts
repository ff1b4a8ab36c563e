import type { Column, ResourceRules, ServedResource, Subresource } from './served-resource.ts';

interface Extras {
  readonly isNamespaced?: boolean;
  readonly categories?: readonly string[];
  readonly fields?: readonly string[];
}

/** A built-in resource: of the core group and `v1` unless its maker says otherwise. */
export function defineResource(
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
