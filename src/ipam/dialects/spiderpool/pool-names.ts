import * as z from 'zod/mini';

/** Longest name of an object. */
const NAME_LIMIT = 253;
const NAME = new RegExp(String.raw`^[\w.*?[\]^\\-]{1,${NAME_LIMIT}}$`);

/** Names of pools or subnets, or patterns of such: what no name could match is not looked for, nor printed at length. */
export const poolNames = z.array(
  z.string().check(z.regex(NAME, { error: `a name of at most ${NAME_LIMIT} characters, or a pattern like lan-*` })),
);
