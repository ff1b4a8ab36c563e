import { createHash } from 'node:crypto';
import type { OwnerReference } from '#api';
import type { PodTemplate, SandboxPod } from '../resources.ts';

export interface TemplatePodOptions {
  readonly namespace: string | undefined;
  /** What the server completes to a name, or the name itself. */
  readonly name: { readonly prefix: string } | string;
  readonly owner: OwnerReference;
  readonly labels?: Readonly<Record<string, string>>;
}

/** The pod that a workload makes of its template. */
export function templatePod({ metadata, spec }: PodTemplate, options: TemplatePodOptions): SandboxPod {
  const { name, namespace = '', owner, labels } = options;
  return {
    metadata: {
      ...(typeof name === 'string' ? { name } : { name: '', generateName: name.prefix }),
      namespace,
      labels: { ...metadata?.labels, ...labels },
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ownerReferences: [owner],
    },
    spec,
  };
}

/** Letters that spell no words: Kubernetes' own for generated names. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Tells one template from another: the last part of `test-app-f9f94688`. */
export function templateHash(template: PodTemplate): string {
  const number = createHash('sha256').update(JSON.stringify(template)).digest().readUInt32BE();
  return String(number).replaceAll(/\d/g, digit => ALPHABET.charAt(digit.charCodeAt(0) % ALPHABET.length));
}

/** A label that every controller of templates writes under a name of its own. */
export function labelOf(object: { readonly metadata: SandboxPod['metadata'] }, label: string): string | undefined {
  return object.metadata.labels?.[label];
}
