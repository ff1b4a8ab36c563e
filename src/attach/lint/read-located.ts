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
import { formatPath } from '#api';
import { flat, type Located, type Path, parsed, valueAt } from './located.ts';

interface Spot {
  readonly offset: number;
  /** Set for scalars: where its own characters stand, as they are written. */
  readonly scalar?: { readonly start: number; readonly end: number; readonly style: ScalarStyle };
}

type Spots = ReadonlyMap<string, Spot>;

/**
 * Reads every document of a text.
 * @param base to count lines and name fields from there
 * @throws YAMLException with `mark.line` from 0
 */
export function readLocated(written: string, base: Base = { text: '', field: [] }): readonly Located[] {
  const { text, values } = load(written);
  const events = parseEvents(text, {});
  const lineAt = (offset: number): number => countLines(base.text) + countLines(text.slice(0, offset)) + 1;
  return documentsOf(events).map((own, index) => locate(values[index], readSpots(own, text), text, base, lineAt));
}

/** Where a text stands. */
interface Base {
  /** What comes before it in its file. */
  readonly text: string;
  /** The path of the scalar that it is inside. */
  readonly field: Path;
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

function locate(value: unknown, spots: Spots, text: string, base: Base, lineAt: (offset: number) => number): Located {
  function spotOf(path: Path): Spot | undefined {
    for (let length = path.length; length >= 0; length--) {
      const spot = spots.get(JSON.stringify(path.slice(0, length)));
      if (spot !== undefined) return spot;
    }
    return undefined;
  }
  /** The view from a part of the document. */
  function from(root: Path): Located {
    return {
      value: valueAt(value, root),
      lineOf: path => lineAt(spotOf([...root, ...path])?.offset ?? 0),
      lineInside(path, line) {
        const spot = spotOf([...root, ...path]);
        if (spot?.scalar === undefined) return lineAt(spot?.offset ?? 0);
        return lineAt(spot.scalar.start) + (spot.scalar.style === SCALAR_STYLE.LITERAL_BLOCK ? line - 1 : 0);
      },
      fieldOf: path => formatPath([...base.field, ...path]),
      part: path => from([...root, ...path]),
      inside(path) {
        const whole = [...root, ...path];
        const field = [...base.field, ...path];
        const spot = spots.get(JSON.stringify(whole));
        const unread = flat(parsed(valueAt(value, whole)), lineAt(spotOf(whole)?.offset ?? 0), field);
        if (spot?.scalar === undefined || spot.scalar.style === SCALAR_STYLE.DOUBLE_QUOTED) return unread;
        const { start, end } = spot.scalar;
        try {
          return readLocated(text.slice(start, end), { text: base.text + text.slice(0, start), field })[0] ?? unread;
        } catch {
          return unread; // not JSON: whoever parses it says so, and of which line
        }
      },
    };
  }
  return from([]);
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
