import { createHash } from 'node:crypto';

/**
 * A label value that stands for any text: label values stop at 63 characters and know no slash. 60 bits in 12 letters and
 * digits, since every claim carries three of them.
 */
export function labelHash(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return BigInt(`0x${digest.slice(0, 15)}`)
    .toString(36)
    .padStart(12, '0');
}
