export interface FoundImport {
  readonly specifier: string;
  readonly line: number;
  /** Nothing of it is left when the program runs. */
  readonly isTypeOnly: boolean;
  /** Names as the other file exports them; empty for `import 'x'`, `import * as x` and `import('x')`. */
  readonly names: readonly string[];
}

const STATIC = /^[ \t]*(?:import|export)\b(?<clause>[^;'"`]*?)\bfrom\s*['"](?<specifier>[^'"]+)['"]/gm;
const BARE = /^[ \t]*import\s*['"](?<specifier>[^'"]+)['"]/gm;
const DYNAMIC = /\bimport\(\s*['"](?<specifier>[^'"]+)['"]\s*\)/g;

/** Every import and re-export of a TypeScript source. Text that only looks like one inside a comment does not count. */
export function findImports(source: string): readonly FoundImport[] {
  const code = blankComments(source);
  return [STATIC, BARE, DYNAMIC].flatMap(pattern =>
    [...code.matchAll(pattern)].map(match => {
      const names = parseNames(match.groups?.['clause'] ?? '');
      return {
        specifier: match.groups?.['specifier'] ?? '',
        line: code.slice(0, match.index).split('\n').length,
        isTypeOnly: names.isTypeOnly,
        names: names.names,
      };
    }),
  );
}

/** Keeps the lines where they are. Strings with `//` in them lose their tail, which no import has. */
function blankComments(source: string): string {
  return source
    .replace(/\/\*[\s\S]*?\*\//g, comment => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

function parseNames(clause: string): Pick<FoundImport, 'isTypeOnly' | 'names'> {
  const isType = /^\s*type\b/.test(clause);
  const inBraces = /\{([\s\S]*)\}/.exec(clause)?.[1];
  if (inBraces === undefined) return { isTypeOnly: isType, names: [] };
  const items = inBraces
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '');
  const values = items.filter(item => !item.startsWith('type '));
  const nameOf = (item: string): string => item.replace(/^type\s+/, '').split(/\s+as\s+/)[0] ?? item;
  return { isTypeOnly: isType || values.length === 0, names: (isType ? [] : values).map(nameOf) };
}
