import { messageOf, UnderlaneError } from '#base';
import type { Located, Path } from './located.ts';

/** Something in a file that an operator should know of. */
export interface LintFinding {
  /** From 1. */
  readonly line: number;
  /** Path of the field, from the object's root: `spec.config.plugins[0].master`. */
  readonly field: string;
  /** Errors keep pods from starting; warnings say what happens otherwise than the text may suggest. */
  readonly severity: 'error' | 'warning';
  /** What the finding is about: `NetworkAttachmentDefinition "ns/x"`. */
  readonly object: string;
  readonly message: string;
}

/** Where a finding is about. */
export function placeOf(located: Located, path: Path): Pick<LintFinding, 'line' | 'field'> {
  return { line: located.lineOf(path), field: located.fieldOf(path) };
}

/** The agent's own sentence, with the object that it names taken to its front. */
export function sentenceOf(error: unknown, object: string): string {
  const message = messageOf(error);
  const at = message.indexOf(object);
  if (at < 0) return message;
  const rest = message.slice(at + object.length).replace(/^:? /, '');
  return message.slice(0, at).endsWith('ipam of ') ? `ipam: ${rest}` : rest;
}

/** Where in its object an error says that it found something: `ipRanges[0].range` as a path. */
export function fieldOf(error: unknown): Path {
  const field = error instanceof UnderlaneError ? error.details['field'] : undefined;
  if (typeof field !== 'string') return [];
  const [, quoted] = /^unknown field "(.*)"$/.exec(field) ?? [];
  if (quoted !== undefined) return [quoted];
  return [...field.matchAll(/\[(\d+)\]|[^.[\]]+/g)].map(([name, index]) =>
    index === undefined ? name : Number(index),
  );
}
