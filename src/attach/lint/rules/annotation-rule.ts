import type { KnownObjects } from '../known-objects.ts';

/** What is wrong with the annotations of something that is, or makes, a pod. Pure. */
export type AnnotationRule = (annotated: Annotated, known: KnownObjects) => readonly AnnotationProblem[];

export interface Annotated {
  readonly annotations: Readonly<Record<string, string>>;
  /** Of the object that has the annotations, or its template. */
  readonly namespace: string;
  readonly name: string;
}

export interface AnnotationProblem {
  readonly key: string;
  /** Without the object, which stands before it. */
  readonly message: string;
  /** @default error */
  readonly severity?: 'error' | 'warning';
}
