import { createHash } from 'node:crypto';

/**
 * A label value that stands for any text: label values stop at 63 characters and know no slash. 20 hexadecimal digits:
 * two texts that met on one value would only make a list longer than needed.
 */
export function labelHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 20);
}
