import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '#api';

/**
 * What objects say, read once: some have thousands of texts, and are asked at every ADD. A new version that differs in its status
 * alone says the same, so readers look at name, labels, annotations and spec only. They are told apart by identity.
 */
export interface Readings {
  /** What `reader` says of an object. */
  read<T extends KubeObject, R>(object: T, reader: (object: T) => R): R;
  /** What `reader` says of several together, which gets what each says by itself from `read`. */
  readTogether<T extends readonly [KubeObject, ...KubeObject[]], R>(
    objects: T,
    reader: (objects: T, read: Readings['read']) => R,
  ): R;
}

/** What was read of an object, and of it together with another. */
interface Page {
  readonly answers: Map<unknown, unknown>;
  readonly together: WeakMap<Page, Page>;
}

/** So many objects are known by their last version. */
const LIMIT = 1000;

/** Nothing read yet. What no object has any more is forgotten. */
export function createReadings(): Readings {
  const pages = new WeakMap<KubeObject, Page>();
  /** By uid, the one that was seen longest ago first. */
  const latest = new Map<string, KubeObject>();

  function pageOf(object: KubeObject): Page {
    const known = pages.get(object);
    if (known !== undefined) return known;
    const { uid } = object.metadata;
    const former = uid === undefined ? undefined : latest.get(uid);
    const kept = former !== undefined && saysTheSame(former, object) ? pages.get(former) : undefined;
    const page = kept ?? createPage();
    pages.set(object, page);
    if (uid === undefined) return page;
    latest.delete(uid);
    latest.set(uid, object);
    const [oldest] = latest.keys();
    if (latest.size > LIMIT && oldest !== undefined) latest.delete(oldest);
    return page;
  }

  function read<T extends KubeObject, R>(object: T, reader: (object: T) => R): R {
    return answerOn(pageOf(object), reader, () => reader(object));
  }

  return {
    read,
    readTogether(objects, reader) {
      const [first, ...others] = objects;
      const page = others.reduce((before, object) => {
        const next = pageOf(object);
        const known = before.together.get(next) ?? createPage();
        before.together.set(next, known);
        return known;
      }, pageOf(first));
      return answerOn(page, reader, () => reader(objects, read));
    },
  };
}

function createPage(): Page {
  return { answers: new Map(), together: new WeakMap() };
}

function answerOn<R>({ answers }: Page, reader: unknown, ask: () => R): R {
  if (!answers.has(reader)) answers.set(reader, ask());
  // What is kept under a reader is what it returned.
  return answers.get(reader) as R;
}

function saysTheSame(a: KubeObject, b: KubeObject): boolean {
  const said = ({ metadata: { name, labels, annotations }, ...object }: KubeObject): unknown => {
    return [name, labels, annotations, 'spec' in object ? object.spec : undefined];
  };
  return isDeepStrictEqual(said(a), said(b));
}
