import type { ApiObject } from '../api-object.ts';
import type { Attributes } from './attributes.ts';

/** Who is asked before a request changes anything. */
export interface Admission {
  /** The object as those leave it who may change it. @throws StatusError when one says no */
  change(attributes: Attributes, object: ApiObject): ApiObject;
  /** @throws StatusError when one says no; `object` is undefined on deletes */
  check(attributes: Attributes, object: ApiObject | undefined): void;
  /** What must be the same when the request is tried again, such as the uid that an object is to get. */
  remember(what: string, make: () => string): string;
}

/** Nobody is asked. */
export const NO_ADMISSION: Admission = {
  change: (_, object) => object,
  check: () => {},
  remember: (_, make) => make(),
};
