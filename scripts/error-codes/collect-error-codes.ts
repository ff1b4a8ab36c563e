/** A stable error code as its room's errors.ts lists it. */
export interface ErrorCode {
  readonly room: string;
  readonly code: string;
  readonly meaning: string;
  /** What a person can do about it. */
  readonly cure: string;
  /** The CNI error number, where the list itself gives one. */
  readonly cniNumber?: number;
}

/** A member of a union of codes, or a key of a table of numbers, with the doc comment before it if it has one. */
const ENTRY = /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?(?:^ *\| '(\w+)'|^ *([A-Z]\w+): (\d+),)/gm;

/**
 * The codes in the text of a room's errors.ts: `/** Meaning. Cure: what to do. *\/` and then the code.
 * @throws Error naming the first code that lacks meaning or cure
 */
export function collectErrorCodes(room: string, source: string): readonly ErrorCode[] {
  return [...source.matchAll(ENTRY)].map(([, comment = '', member, key, number]) => {
    const code = member ?? key ?? '';
    const [meaning = '', cure = '', ...more] = comment
      .replaceAll(/\s*\n\s*\*?\s*/g, ' ')
      .trim()
      .split(' Cure: ');
    if (meaning === '' || cure === '' || more.length > 0) {
      throw new Error(
        `Cannot describe ${code} of src/${room}/errors.ts: expected "/** Meaning. Cure: what to do. */" before it`,
      );
    }
    return { room, code, meaning, cure, ...(number === undefined ? {} : { cniNumber: Number(number) }) };
  });
}
