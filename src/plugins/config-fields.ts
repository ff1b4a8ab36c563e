import * as z from 'zod/mini';
import { MAC_EXPECTED, readMac } from '#ip';

/** Longest interface name in bytes: IFNAMSIZ less its terminating NUL. */
const MAX_NAME_BYTES = 15;
const MAX_UINT32 = 0xffff_ffff;

/** Schema parts that several plugins share; each says in its `error` what was expected. */

export const flag = () => z.boolean({ error: 'true or false' });

/** The name of a network device. */
export const deviceName = () => {
  const error = `the name of a network device, at most ${MAX_NAME_BYTES} bytes without "/" and blanks`;
  return z
    .string({ error })
    .check(z.refine(name => !/[\s/]/u.test(name) && Buffer.byteLength(name) <= MAX_NAME_BYTES, { error }));
};

/** Bytes; 0 leaves the choice to the kernel. */
export const mtuBytes = () => {
  const error = 'a number of bytes from 0 (the default) to 65535';
  return z.int({ error }).check(z.gte(0, { error }), z.lte(65_535, { error }));
};

/** A whole number that fits 32 bits. */
export const uint32 = () => {
  const error = `a whole number from 0 to ${MAX_UINT32}`;
  return z.int({ error }).check(z.gte(0, { error }), z.lte(MAX_UINT32, { error }));
};

/** A MAC, in canonical text after the parse. */
export const macAddress = () =>
  z.pipe(
    z.string({ error: MAC_EXPECTED }).check(z.refine(text => readMac(text) !== undefined, { error: MAC_EXPECTED })),
    z.transform((text: string) => readMac(text) ?? text),
  );

/** One of a few words. */
export const word = <const Words extends readonly [string, ...string[]]>(words: Words) =>
  z.enum(words, { error: `one of ${words.map(each => `"${each}"`).join(', ')}` });

/** The reference plugins' two ways to masquerade; nftables is what we do for both. */
export const masqueradeBackend = () => word(['iptables', 'nftables']);

/** The `dns` object of a network's config, which ends up in the result. */
export const dns = () => {
  const texts = z.optional(z.array(z.string({ error: 'text' }), { error: 'a list of texts' }));
  const shape = {
    nameservers: texts,
    domain: z.optional(z.string({ error: 'text' })),
    search: texts,
    options: texts,
  };
  return z.object(shape, { error: 'an object with nameservers, domain, search and options' });
};
