import { NetworksError } from './errors.ts';

/** Where in an annotation the parser stands, for its errors. */
export interface AnnotationPlace {
  readonly annotation: string;
  /** Index of the element; undefined while the text as a whole is looked at. */
  readonly index?: number;
}

/** An error that names annotation, element, field, value and what was expected. */
export function annotationError(
  place: AnnotationPlace,
  field: string,
  value: unknown,
  expected: string,
): NetworksError {
  const element = place.index === undefined ? '' : ` element ${place.index}`;
  const subject = field === '' ? 'value' : field;
  return new NetworksError(
    'ANNOTATION_INVALID',
    `Cannot read annotation "${place.annotation}"${element}: ${subject} is ${show(value)}; expected ${expected}`,
    { details: { annotation: place.annotation, index: place.index, field } },
  );
}

/** Annotations run to 256 KiB: errors quote the beginning. */
const MAX_SHOWN = 80;

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}...`;
}
