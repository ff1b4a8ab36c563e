/** As many as an error names. */
const SHOWN = 10;

/** The first of many texts, for an error. */
export function someOf(texts: readonly string[], separator: string): string {
  const shown = texts.slice(0, SHOWN).join(separator);
  return texts.length > SHOWN ? `${shown}${separator}and ${texts.length - SHOWN} more` : shown;
}
