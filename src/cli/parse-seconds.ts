import { InvalidArgumentError } from 'commander';

/** A whole number of seconds, of at least one. */
export function parseSeconds(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number of seconds from 1 to 999999');
}
