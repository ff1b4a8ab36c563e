import type { KnownObjects } from '../known-objects.ts';

/** What is wrong with the annotations of something that is, or makes, a pod. Pure. */
export type AnnotationRule = (annotated: Annotated, known: KnownObjects) => readonly AnnotationProblem[];

export interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
  /** For messages: `Deployment "shop/web"`. */
  readonly holder: string;
}

export interface AnnotationProblem {
  readonly key: string;
  readonly message: string;
  /** @default error */
  readonly severity?: 'error' | 'warning';
}
