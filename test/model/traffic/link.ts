import type { ApiError } from '#kube';

/** A process's way to the API server. */
export interface Link {
  readonly name: string;
  /** The process has ended: it hears of nothing any more. */
  readonly isOver: boolean;
  /** Nothing gets through, and nobody says so. */
  readonly isCut: boolean;
}

/** Something that can arrive next. */
interface Item {
  readonly kind: 'call' | 'stream';
  readonly text: string;
  readonly link: Link;
  /** Lets it arrive; a call is carried out and its answer comes. */
  arrive(): void;
}

export interface CallItem extends Item {
  readonly kind: 'call';
  /** The server has carried it out; the answer is under way. */
  readonly isAnswered: boolean;
  carryOut(): void;
  /** The caller hears that it failed. What the server does not know yet it may still get to know: see `Network.late`. */
  lose(why: ApiError): void;
}

export interface StreamItem extends Item {
  readonly kind: 'stream';
  /** Ends the watch; what has not arrived never will. */
  cut(): void;
}

/** A call that nobody waits for any more, and that the server may still get. */
export interface LateCall {
  readonly text: string;
  carryOut(): void;
}

/** @returns whether it was in the list */
export function takeOut<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item);
  if (index >= 0) list.splice(index, 1);
  return index >= 0;
}
