/** For the tests of this folder: values and texts that parsers tend to fall over. */
import fc from 'fast-check';

type Json = unknown;

/** Words that mean something to somebody: to JavaScript, the kernel, a file system, a pattern. */
const WORDS: readonly string[] = [
  ...[
    '',
    ' ',
    '0',
    '-1',
    '1e9',
    'NaN',
    'true',
    'null',
    '\u0000',
    '\ud800',
    '𝟙',
    'é',
    '.',
    '..',
    '../../etc/passwd',
    '/',
  ],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '$(x)', '%s', '<b>', 'a\nb'],
  ...['lo', 'eth0', 'net1', 'net2', 'sixteen_bytes__x', 'a:b', 'all', 'default', 'multus', 'underlane'],
  ...['10.0.0.1', '10.0.0.1/24', '10.0.0.0/33', '010.0.0.1', '256.0.0.1', '0.0.0.0/0', '10.0.0.1-10.0.0.9/24', '1.2.3'],
  ...['::', '::1/64', 'fd00::/8', '::ffff:10.0.0.1', 'fe80::1%eth0', 'fd00::1-fd00::ff/64', ':::', '1:2:3:4:5:6:7:8:9'],
  ...['02:00:00:00:00:01', '02-00-00-00-00-01', 'ff:ff:ff:ff:ff:ff', '00:00:00:00:00:00', 'c2:11:22:33:44:55:66:77'],
  ...[
    '0000:03:02.1',
    'intel.com/sriov',
    '0.2.0',
    '0.3.1',
    '1.0.0',
    '1.1.0',
    '9.9.9',
    'tcp',
    'bridge',
    'private',
    'l3s',
  ],
];

/** Numbers at the edges of what fields hold. */
const NUMBERS: readonly number[] = [0, -0, -1, 1, 0.5, 32, 33, 128, 255, 4094, 4095, 65_535, 65_536, 2 ** 31, 2 ** 32];

/** Text of one kind of character, long enough for a pattern that goes back and forth to be noticed. */
export const pumped: fc.Arbitrary<string> = fc
  .tuple(
    fc.constantFrom(...'a-.:/@, 0"[{\\f'.split('')),
    fc.constantFrom(100, 2_000),
    fc.constantFrom('', '!', '@', '/', '"'),
  )
  .map(([character, count, end]) => character.repeat(count) + end);

export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 3, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }) },
  { weight: 1, arbitrary: pumped },
);

/** Anything that JSON can say where something else is expected. */
export const hostileValue: fc.Arbitrary<Json> = fc.oneof(
  { weight: 8, arbitrary: hostileText },
  { weight: 3, arbitrary: fc.constantFrom<Json>(...NUMBERS, 2 ** 53, Number.MAX_VALUE, true, false, null) },
  { weight: 2, arbitrary: fc.array(hostileText, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.dictionary(hostileText, hostileText, { maxKeys: 3, noNullPrototype: true }) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

/** Places of a value to change, each by what. */
const edits = fc.array(
  fc.record({
    place: fc.nat(),
    what: fc.constantFrom('replace', 'remove', 'rename', 'repeat', 'wrap'),
    value: hostileValue,
    word: hostileText,
  }),
  { minLength: 1, maxLength: 4 },
);

/** A value that is right but for a few places. */
export function nearly(values: fc.Arbitrary<Json>): fc.Arbitrary<Json> {
  return fc.oneof(
    { weight: 1, arbitrary: values },
    { weight: 6, arbitrary: fc.tuple(values, edits).map(([value, list]) => list.reduce<Json>(edited, value)) },
  );
}

interface Edit {
  readonly place: number;
  readonly what: string;
  readonly value: Json;
  readonly word: string;
}

/** Goes down by the digits of `place` and changes what it comes to. */
function edited(value: Json, edit: Edit): Json {
  const { place, what } = edit;
  if (Array.isArray(value) && value.length > 0 && place % 5 !== 0) {
    const index = place % value.length;
    if (what === 'repeat') return [...value, value[index]];
    if (what === 'remove') return value.filter((_, position) => position !== index);
    return value.map((item: Json, position) => (position === index ? edited(item, next(edit)) : item));
  }
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  if (entries.length > 0 && place % 7 !== 0) {
    const index = place % entries.length;
    if (what === 'remove') return Object.fromEntries(entries.filter((_, position) => position !== index));
    return Object.fromEntries(
      entries.map(([key, inner], position): [string, Json] => {
        if (position !== index) return [key, inner];
        return what === 'rename' ? [edit.word, inner] : [key, edited(inner, next(edit))];
      }),
    );
  }
  if (what === 'wrap') return [value];
  return edit.value;
}

function next(edit: Edit): Edit {
  return { ...edit, place: Math.floor(edit.place / 3) + 1 };
}

/** Text that is right but for a few characters. */
export function nearlyText(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const cuts = fc.array(fc.tuple(fc.nat(), fc.nat(3), hostileText), { minLength: 1, maxLength: 3 });
  return fc.oneof(
    { weight: 1, arbitrary: texts },
    {
      weight: 4,
      arbitrary: fc.tuple(texts, cuts).map(([text, list]) =>
        list.reduce((before, [place, length, word]) => {
          const at = place % (before.length + 1);
          return before.slice(0, at) + word + before.slice(at + length);
        }, text),
      ),
    },
  );
}
