/** What of a Markdown page can be held against another one, or against the files that it names. */
export interface MarkdownParts {
  /** Levels of the headings, in order. */
  readonly headings: readonly number[];
  /** Language and lines of each fenced block. */
  readonly blocks: readonly { readonly language: string; readonly text: string }[];
  /** Targets of links, in order. */
  readonly links: readonly string[];
  /** What stands between backticks within the text. */
  readonly codes: readonly string[];
  /** Cells of each line of a table. */
  readonly rows: readonly (readonly string[])[];
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;

export function readMarkdown(page: string): MarkdownParts {
  const prose = page.replace(FENCE, '');
  return {
    headings: [...prose.matchAll(/^(#+) /gm)].map(([, marks = '']) => marks.length),
    blocks: [...page.matchAll(FENCE)].map(([, language = '', text = '']) => ({ language, text })),
    links: [...prose.matchAll(/\]\(([^)]+)\)/g)].map(([, target = '']) => target),
    codes: [...prose.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code),
    rows: prose
      .split('\n')
      .filter(line => line.startsWith('| '))
      .map(line =>
        line
          .split(/(?<!\\)\|/)
          .slice(1, -1)
          .map(cell => cell.trim()),
      ),
  };
}
