import { UnderlaneError } from '#base';

/** What somebody wrote, or something else where it cannot be read: a view says what it can, and an ADD has said what is wrong. */
export function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof UnderlaneError) return otherwise;
    throw error;
  }
}
