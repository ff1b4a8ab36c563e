import { readFile } from 'node:fs/promises';
import { parseShallowJson } from '#cni';

/** A whole JSON file that somebody else wrote. @throws SyntaxError for what is none, an empty file among them */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8');
  if (text.trim() === '') throw new SyntaxError('it is empty');
  return parseShallowJson(text);
}

/** The text of Go's `[]byte` in JSON. */
export function textOfBytes(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64').toString('utf8') : undefined;
}
