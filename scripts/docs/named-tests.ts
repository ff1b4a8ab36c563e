/** A test that a page names: the file, and a title as the page has it, `...` standing for any text. */
export interface NamedTest {
  readonly line: number;
  readonly file: string;
  /** Undefined where the page names the whole file. */
  readonly title?: string;
}

const NAMED = /`([\w./-]+\.test\.ts)`|"([^"]+)"/g;

/** The tests that a page names in its tables: files in backticks, each followed by titles in quotation marks. */
export function findNamedTests(page: string): readonly NamedTest[] {
  return page.split('\n').flatMap((row, index) => {
    // The last cell says where; what comes before may quote anything.
    const cell = row.startsWith('|') ? (row.split(' | ').at(-1) ?? '') : '';
    const named: NamedTest[] = [];
    let file: string | undefined;
    for (const [, path, title] of cell.matchAll(NAMED)) {
      file = path ?? file;
      if (file === undefined) continue;
      named.push({ line: index + 1, file, ...(title === undefined ? {} : { title }) });
    }
    return named;
  });
}

/** Whether a test file's source has this title, whatever it is written with. */
export function hasTitle(source: string, title: string): boolean {
  const plain = source.replaceAll(/\\(['"`])/g, '$1');
  let from = 0;
  return title.split('...').every(part => {
    const at = plain.indexOf(part.trim(), from);
    from = at + part.length;
    return at >= 0;
  });
}
