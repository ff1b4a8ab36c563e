import type { ObjectMeta } from '#api';
import type { JsonObject } from './json.ts';

/** An object as the server keeps it: complete metadata, anything else. Never changed in place. */
export interface ApiObject extends JsonObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMeta;
}

export interface StoredMeta extends ObjectMeta, JsonObject {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly generation?: number;
}

/** `ns/name`, or `/name` for what has no namespace: sorts as the real server's storage does. */
export function objectKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/** The time as Kubernetes writes it: seconds, UTC. */
export function toTimestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
