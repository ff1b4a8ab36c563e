/** Whether a name is a pattern for names. */
export function isWildcard(name: string): boolean {
  return /[*?[\\]/.test(name);
}

/** Tells of one character whether it may stand there. */
type CharacterTest = (character: string) => boolean;
/** `undefined` stands for any text. */
type Token = CharacterTest | undefined;

/**
 * A test for names that a pattern means: `*` any text, `?` one character, `[a-c]` one of these, `[^a-c]` one of the others,
 * a backslash takes the next character as it is. Nothing for a pattern that is none.
 *
 * Not by a regular expression: whoever writes an annotation could let one run for hours.
 */
export function compileWildcard(pattern: string): ((name: string) => boolean) | undefined {
  const tokens: Token[] = [];
  for (const [part, escaped, negation, members, stray] of pattern.matchAll(
    /\\(.)|\*|\?|\[(\^?)((?:\\.|[^\]\\])+)\]|[^\\[]|(.)/gsu,
  )) {
    if (stray !== undefined) return undefined;
    if (members !== undefined) {
      const set = compileSet(members);
      if (set === undefined) return undefined;
      tokens.push(negation === '^' ? character => !set(character) : set);
    } else if (part === '*') tokens.push(undefined);
    else if (part === '?') tokens.push(() => true);
    else tokens.push(character => character === (escaped ?? part));
  }
  return name => matches(tokens, Array.from(name));
}

/** Goes back no further than to the last star: at most the product of both lengths. */
function matches(tokens: readonly Token[], characters: readonly string[]): boolean {
  let [token, position] = [0, 0];
  let star: { readonly token: number; position: number } | undefined;
  while (position < characters.length) {
    const character = characters[position] ?? '';
    const wanted = tokens[token];
    if (token < tokens.length && wanted === undefined) {
      star = { token, position };
      token++;
    } else if (wanted?.(character) === true) {
      token++;
      position++;
    } else if (star !== undefined) {
      star.position++;
      [token, position] = [star.token + 1, star.position];
    } else return false;
  }
  return tokens.slice(token).every(rest => rest === undefined);
}

/** The members of a bracket: characters and ranges of them. */
function compileSet(members: string): CharacterTest | undefined {
  const tests: CharacterTest[] = [];
  for (const [part, from, to] of members.matchAll(/(\\.|[^-\\])(?:-(\\.|[^-\\]))?|./gsu)) {
    if (from === undefined) return undefined;
    const [first, last] = [from, to ?? from].map(text =>
      text.length > 1 && text.startsWith('\\') ? text.slice(1) : text,
    );
    if (first === undefined || last === undefined || last < first || part === '-') return undefined;
    tests.push(character => first <= character && character <= last);
  }
  return character => tests.some(test => test(character));
}
