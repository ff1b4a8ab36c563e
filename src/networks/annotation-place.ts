import { describeWrongValue } from '#base';
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
  const doing = `read annotation "${place.annotation}"${element}`;
  return new NetworksError(
    'ANNOTATION_INVALID',
    describeWrongValue({ doing, field: field === '' ? 'value' : field, value, expected }),
    { details: { annotation: place.annotation, index: place.index, field } },
  );
}
