/** What comes with requests has no bound of its own. */
const MOST_REMEMBERED = 1_000;

/**
 * Says each text once: the runtime's configuration comes with every request, and what is wrong with it need not be said as
 * often. Remembers the last thousand; one that is older is said again.
 */
export function onceEach(say: (text: string) => void): (text: string) => void {
  const said = new Set<string>();
  return text => {
    const isNew = !said.delete(text);
    said.add(text);
    // Sets keep the order: the first is what was heard longest ago.
    for (const oldest of said) {
      if (said.size <= MOST_REMEMBERED) break;
      said.delete(oldest);
    }
    if (isNew) say(text);
  };
}
