import {
  EVENT_ID,
  type Event,
  getScalarValue,
  loadAll,
  parseEvents,
  SCALAR_STYLE,
  type ScalarStyle,
  YAMLException,
} from 'js-yaml';

export type Path = readonly (string | number)[];

/** A document of a YAML or JSON text, with the lines on which its parts stand. */
export interface Located {
  readonly value: unknown;
  /** From 1. The line of the nearest part that is there, when nothing stands under the path. */
  lineOf(path: Path): number;
  /** The line on which the n-th line (from 1) of a scalar's value is written; the first one where lines were joined. */
  lineInside(path: Path, line: number): number;
  /** The text inside a scalar, with the lines of its parts where it is JSON again. */
  inside(path: Path): Located;
}

interface Spot {
  readonly offset: number;
  /** Set for scalars: where its own characters stand, as they are written. */
  readonly scalar?: { readonly start: number; readonly end: number; readonly style: ScalarStyle };
}

type Spots = ReadonlyMap<string, Spot>;

/**
 * Reads every document of a text.
 * @param base what comes before the text in its file, to count lines from there
 * @throws YAMLException with `mark.line` from 0
 */
export function readLocated(written: string, base = ''): readonly Located[] {
  const { text, values } = load(written);
  const events = parseEvents(text, {});
  const lineAt = (offset: number): number => countLines(base) + countLines(text.slice(0, offset)) + 1;
  return documentsOf(events).map((own, index) => locate(values[index], readSpots(own, text), text, base, lineAt));
}

/**
 * Reads a text as kubectl does: its parser takes quoted text whose further lines are not indented, and many published
 * definitions end in such a line. A few blanks before it change neither the value nor any line's number.
 */
function load(written: string): { readonly text: string; readonly values: readonly unknown[] } {
  const lines = written.split('\n');
  for (let line = -1; ; ) {
    const text = lines.join('\n');
    try {
      return { text, values: loadAll(text) };
    } catch (error) {
      const at = error instanceof YAMLException && error.reason === DEFICIENT ? error.mark?.line : undefined;
      // Each retry is about a later line.
      if (at === undefined || at <= line) throw error;
      line = at;
      lines[line] = `${' '.repeat(INDENTATION)}${lines[line] ?? ''}`;
    }
  }
}

const DEFICIENT = 'deficient indentation';
/** Deeper than any mapping in a definition. */
const INDENTATION = 40;

function locate(value: unknown, spots: Spots, text: string, base: string, lineAt: (offset: number) => number): Located {
  function spotOf(path: Path): Spot | undefined {
    for (let length = path.length; length >= 0; length--) {
      const spot = spots.get(JSON.stringify(path.slice(0, length)));
      if (spot !== undefined) return spot;
    }
    return undefined;
  }
  return {
    value,
    lineOf: path => lineAt(spotOf(path)?.offset ?? 0),
    lineInside(path, line) {
      const spot = spotOf(path);
      if (spot?.scalar === undefined) return lineAt(spot?.offset ?? 0);
      return lineAt(spot.scalar.start) + (spot.scalar.style === SCALAR_STYLE.LITERAL_BLOCK ? line - 1 : 0);
    },
    inside(path) {
      const spot = spots.get(JSON.stringify(path));
      const line = lineAt(spotOf(path)?.offset ?? 0);
      const flat: Located = { value: undefined, lineOf: () => line, lineInside: () => line, inside: () => flat };
      if (spot?.scalar === undefined || spot.scalar.style === SCALAR_STYLE.DOUBLE_QUOTED) return flat;
      const { start, end } = spot.scalar;
      try {
        return readLocated(text.slice(start, end), base + text.slice(0, start))[0] ?? flat;
      } catch {
        return flat; // not JSON: whoever parses it says so, and of which line
      }
    },
  };
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

/** The events of each document, without its own frame. */
function documentsOf(events: readonly Event[]): readonly (readonly Event[])[] {
  const documents: Event[][] = [];
  let depth = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.DOCUMENT) documents.push([]);
    else if (event.type !== EVENT_ID.POP || depth > 1) documents.at(-1)?.push(event);
    if (event.type === EVENT_ID.POP) depth--;
    else if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) depth++;
  }
  return documents;
}

function readSpots(events: readonly Event[], text: string): Spots {
  const spots = new Map<string, Spot>();
  let next = 0;

  /** Reads one node; an entry of a mapping stands where its key does. */
  function read(path: Path, keyOffset: number | undefined): void {
    const event = events[next++];
    if (event === undefined) return;
    const key = JSON.stringify(path);
    if (event.type === EVENT_ID.SCALAR) {
      const { valueStart: start, valueEnd: end, style } = event;
      spots.set(key, { offset: keyOffset ?? start, scalar: { start, end, style } });
    } else if (event.type === EVENT_ID.ALIAS) {
      spots.set(key, { offset: keyOffset ?? event.anchorStart });
    } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      spots.set(key, { offset: keyOffset ?? event.start });
      if (event.type === EVENT_ID.MAPPING) readEntries(path);
      else readItems(path);
      next++;
    }
  }

  function readItems(path: Path): void {
    for (let index = 0; isInside(events[next]); index++) read([...path, index], undefined);
  }

  function readEntries(path: Path): void {
    for (let key = events[next]; isInside(key); key = events[next]) {
      if (key.type !== EVENT_ID.SCALAR) {
        // A key that is no text is none of ours: passed over with its value.
        read([...path, ''], undefined);
        read([...path, ''], undefined);
        continue;
      }
      next++;
      read([...path, getScalarValue(text, key)], key.valueStart);
    }
  }

  read([], undefined);
  return spots;
}

function isInside(event: Event | undefined): event is Event {
  return event !== undefined && event.type !== EVENT_ID.POP;
}
