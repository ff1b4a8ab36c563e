import type { KubeObject, Resource } from './object.ts';

/** Core objects, trimmed to what Underlane reads. */
export interface Pod extends KubeObject {
  readonly spec: { readonly nodeName?: string; readonly hostNetwork?: boolean; readonly [key: string]: unknown };
  readonly status?: { readonly phase?: string; readonly [key: string]: unknown };
}

export interface Event extends KubeObject {
  readonly involvedObject: {
    readonly kind: string;
    readonly namespace?: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly reason: string;
  readonly message: string;
  readonly type: 'Normal' | 'Warning';
  readonly source?: { readonly component: string; readonly host?: string };
  readonly firstTimestamp?: string;
  readonly lastTimestamp?: string;
  readonly count?: number;
}

export const PODS: Resource<Pod> = { group: '', version: 'v1', plural: 'pods', kind: 'Pod', isNamespaced: true };
export const EVENTS: Resource<Event> = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  isNamespaced: true,
};
/** Read for their labels and annotations. */
export const NAMESPACES: Resource = {
  group: '',
  version: 'v1',
  plural: 'namespaces',
  kind: 'Namespace',
  isNamespaced: false,
};
