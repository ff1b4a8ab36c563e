import { showValue } from '#base';
import { formatPath } from './format-path.ts';

/** What is wrong with one field of an object, beyond what its CRD says. Both parts stand in what kubectl prints. */
export interface ObjectProblem {
  /** From the object's root: `['spec', 'ips', 0]`. */
  readonly path: readonly (string | number)[];
  /** A sentence that starts with the path: `spec.ips[0] is "10.6.1.1", expected an address of 10.6.0.0/24`. */
  readonly message: string;
  /** A warning is shown, and the object taken as it is. @default error */
  readonly severity?: 'error' | 'warning';
}

/** The problem of a field with a wrong value, in the form that all messages have. */
export function wrongField(path: ObjectProblem['path'], value: unknown, expected: string): ObjectProblem {
  return { path, message: `${formatPath(path)} is ${showValue(value)}, expected ${expected}` };
}
