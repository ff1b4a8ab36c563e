import * as z from 'zod/mini';
import { addressUse, type UseSpelling } from './address-use.ts';

/** What a status says of free and used addresses, under its kind's names for it. */
export function useShape<const Spelling extends UseSpelling>(spelling: Spelling) {
  const number = z.exactOptional(z.number());
  const text = z.exactOptional(z.string());
  return addressUse(
    spelling,
    () => number,
    () => text,
  );
}
