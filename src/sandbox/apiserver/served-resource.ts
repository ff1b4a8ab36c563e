import type { ApiObject } from './api-object.ts';
import type { JsonObject } from './json.ts';
import type { StatusCause } from './status-error.ts';

/** A resource as the server serves it in one version. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly isNamespaced: boolean;
  readonly subresources: readonly Subresource[];
  /** Field selectors besides metadata.name and metadata.namespace. */
  readonly selectableFields: readonly string[];
  readonly columns: readonly Column[];
  readonly rules: ResourceRules;
}

export type Subresource = 'status' | 'binding' | 'scale' | 'finalize';

/** What a kind does beyond storing JSON. */
export interface ResourceRules {
  readonly nameRule: 'subdomain' | 'label' | 'rfc1035-label' | 'path-segment';
  /** Whether a CustomResourceDefinition made it: nothing is known of its lists' keys, so there are no strategic merge patches. */
  readonly isCustom?: boolean;
  /** Whether updates without resourceVersion are refused: so for custom resources and Leases. */
  readonly isVersionRequired?: boolean;
  /** Whether a change outside metadata and status counts up metadata.generation. */
  readonly hasGeneration?: boolean;
  /** Whether a write to `status` may change labels and annotations: so for built-in kinds, not for custom ones. */
  readonly statusKeepsMetadata?: boolean;
  /** Whether an object may bring its status along when created: so for nodes, which describe themselves. */
  readonly keepsStatusOnCreate?: boolean;
  /** What an update that does not name it keeps from before. */
  readonly carryOver?: (object: JsonObject, previous: ApiObject) => JsonObject;
  /** Fills in what the real server fills in, on create and update. */
  readonly applyDefaults?: (object: JsonObject) => JsonObject;
  readonly validate?: (object: JsonObject) => readonly StatusCause[];
  readonly validateUpdate?: (object: ApiObject, previous: ApiObject) => readonly StatusCause[];
  /** Seconds to wait before a delete is final; undefined: at once. */
  readonly gracePeriodSeconds?: (object: ApiObject, requested: number | undefined) => number | undefined;
}

/** A printer column: what `kubectl get` shows. */
export interface Column {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'date' | 'boolean' | 'number';
  /** 0: always; above: only with `-o wide`. */
  readonly priority: number;
  readonly description: string;
  readonly cell: (object: ApiObject, now: number) => unknown;
}

export function apiVersionOf(resource: Pick<ServedResource, 'group' | 'version'>): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`;
}

/** Where all versions of a resource are stored. */
export function storageOf(resource: Pick<ServedResource, 'group' | 'plural'>): string {
  return `${resource.group}/${resource.plural}`;
}

export function hasSubresource(resource: ServedResource, subresource: Subresource): boolean {
  return resource.subresources.includes(subresource);
}
