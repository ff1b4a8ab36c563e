/** A test file's path and text. */
export interface TestSource {
  readonly file: string;
  readonly text: string;
}

/**
 * The files whose tests may depend on link kinds: those that name one of them as a word of its own. The second kernel is too slow to
 * run the others as well, and has nothing to teach them.
 */
export function chooseFiles(sources: readonly TestSource[], kinds: readonly string[]): readonly string[] {
  const isKind = new Set(kinds);
  return sources.filter(({ text }) => text.split(/\W+/).some(word => isKind.has(word))).map(({ file }) => file);
}
