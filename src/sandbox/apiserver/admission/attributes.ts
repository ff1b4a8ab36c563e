import type { ApiObject } from '../api-object.ts';
import type { ServedResource } from '../served-resource.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** What a request is about to do, as webhooks are asked about it. */
export interface Attributes {
  readonly operation: Operation;
  readonly resource: ServedResource;
  readonly subresource?: string | undefined;
  readonly namespace: string | undefined;
  /** Empty on a create that leaves the name to the server. */
  readonly name: string;
  /** What is there: on updates and deletes. */
  readonly previous?: ApiObject;
}
