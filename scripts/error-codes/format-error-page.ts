import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { UnderlaneError } from '#base';
import { toCniError } from '#cni';
import { collectErrorCodes, type ErrorCode } from './collect-error-codes.ts';

const HEAD = `# Error codes

<!-- Made from src/*/errors.ts by scripts/generate-errors.ts: change the comments there. -->

Every error has a stable code. It stands in the logs as \`code\` and at the beginning of a CNI error's \`details\`; the message names the
object, the field, the value and what was expected. *CNI* is the error number that a container runtime gets; where it is 999, an error that
trying again can help gives 11.

The codes of errors that the kernel or Node gave are the names of their numbers (\`EEXIST\`, \`ENOENT\`), those of the API server its own
reasons (\`NotFound\`, \`Conflict\`).
`;

const ROOT = join(import.meta.dirname, '../..');

/** The text that docs/errors.md must have, from the errors.ts of all rooms. */
export async function formatErrorPage(): Promise<string> {
  const files: string[] = [];
  for await (const file of glob('src/*/errors.ts', { cwd: ROOT })) files.push(file);
  const sections = files.sort().flatMap(file => {
    const room = file.split('/')[1] ?? '';
    const codes = collectErrorCodes(room, readFileSync(join(ROOT, file), 'utf8'));
    return codes.length === 0 ? [] : [formatRoom(room, codes)];
  });
  return [HEAD, ...sections].join('\n');
}

function formatRoom(room: string, codes: readonly ErrorCode[]): string {
  const rows = codes.map(
    ({ code, meaning, cure, cniNumber = numberOf(code) }) =>
      `| \`${code}\` | ${cniNumber} | ${cell(meaning)} | ${cell(sentence(cure))} |`,
  );
  return [`## ${room}`, '', '| Code | CNI | Meaning | Cure |', '|---|---|---|---|', ...rows, ''].join('\n');
}

/** By the very function that answers runtimes. */
function numberOf(code: string): number {
  return toCniError(new UnderlaneError(code, '')).code;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A word cannot become a cell's end. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}
