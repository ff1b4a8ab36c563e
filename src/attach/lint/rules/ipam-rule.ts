import type { JsonObject } from '#cni';
import type { KnownObjects } from '../known-objects.ts';

/** What an `ipam` object of a NetworkAttachmentDefinition relies on that is not among the known objects. Pure. */
export type IpamRule = (ipam: JsonObject, nad: NadName, known: KnownObjects) => readonly IpamNote[];

export interface NadName {
  readonly namespace: string;
  readonly name: string;
}

export interface IpamNote {
  /** In the `ipam` object. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}
