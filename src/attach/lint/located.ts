import { formatPath } from '#api';
import { isJsonObject } from '#base';

export type Path = readonly (string | number)[];

/** A document of a YAML or JSON text, with the lines on which its parts stand. */
export interface Located {
  readonly value: unknown;
  /** From 1. The line of the nearest part that is there, when nothing stands under the path. */
  lineOf(path: Path): number;
  /** The line on which the n-th line (from 1) of a scalar's value is written; the first one where lines were joined. */
  lineInside(path: Path, line: number): number;
  /** How messages name a part: its path from the object's root, through the texts that are JSON again. */
  fieldOf(path: Path): string;
  /** A part by itself: an object of a List. */
  part(path: Path): Located;
  /** The text inside a scalar, with the lines of its parts where it is JSON again. */
  inside(path: Path): Located;
}

/** An object that has no text, as the API server hands it over. */
export function locateObject(value: unknown): Located {
  return flat(value, 1, []);
}

/** A value whose parts all stand on one line. */
export function flat(value: unknown, line: number, base: Path): Located {
  return {
    value,
    lineOf: () => line,
    lineInside: () => line,
    fieldOf: path => formatPath([...base, ...path]),
    part: path => flat(valueAt(value, path), line, base),
    inside: path => flat(parsed(valueAt(value, path)), line, [...base, ...path]),
  };
}

/** What stands under a path. */
export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, key) => {
    if (Array.isArray(inner)) return inner[Number(key)];
    return isJsonObject(inner) && Object.hasOwn(inner, key) ? inner[key] : undefined;
  }, value);
}

/** Whoever needs it as JSON says what is wrong with it. */
export function parsed(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined;
  } catch {
    return undefined;
  }
}
