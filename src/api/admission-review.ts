import type { KubeObject } from './object.ts';
import type { Operation } from './webhook-configuration.ts';

/** What an API server asks a webhook (`admission.k8s.io/v1`). */
export interface AdmissionRequest {
  readonly uid: string;
  readonly resource: { readonly group: string; readonly version: string; readonly resource: string };
  readonly subResource?: string;
  /** Empty for an object whose name the server makes. */
  readonly name?: string;
  readonly namespace?: string;
  readonly operation: Operation;
  /** As it is to be; absent on DELETE. */
  readonly object?: KubeObject;
  /** As it was; absent on CREATE. */
  readonly oldObject?: KubeObject;
  readonly dryRun?: boolean;
}

/** What a webhook answers. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: AdmissionStatus;
  /** Shown by kubectl, whether allowed or not. */
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** In base64. */
  readonly patch?: string;
}

/** Why not: a Status of the API. */
export interface AdmissionStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details: {
    readonly group: string;
    readonly kind: string;
    readonly name: string;
    readonly causes: readonly { readonly reason: string; readonly field: string; readonly message: string }[];
  };
}

/** Both ways the same envelope. */
export interface AdmissionReview {
  readonly apiVersion: 'admission.k8s.io/v1';
  readonly kind: 'AdmissionReview';
  readonly request?: AdmissionRequest;
  readonly response?: AdmissionResponse;
}
