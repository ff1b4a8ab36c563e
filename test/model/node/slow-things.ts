import type { Trace } from '../run/trace.ts';
import type { Life } from './machine.ts';

/** Something on a node that takes its time. */
export interface SlowItem {
  readonly kind: 'slow';
  readonly text: string;
  readonly canFail: boolean;
  arrive(): void;
  fail(): void;
}

/** What the processes of a node wait for beside the API server. */
export interface SlowThings {
  readonly items: readonly SlowItem[];
  /** Resolves when it is done, or rejects when it fails; never, once the process has ended. */
  wait(what: string, canFail: boolean, life: Life): Promise<void>;
  clear(): void;
}

export function createSlowThings(node: string, trace: Trace): SlowThings {
  let items: SlowItem[] = [];
  return {
    get items() {
      return items;
    },
    wait: (what, canFail, life) =>
      new Promise((resolve, reject) => {
        if (life.isOver) return;
        const end = (outcome: string, settle: () => void): void => {
          trace(() => `${node}: ${what}: ${outcome}`);
          items = items.filter(other => other !== item);
          if (!life.isOver) settle();
        };
        const item: SlowItem = {
          kind: 'slow',
          text: `${node}: ${what}`,
          canFail,
          arrive: () => end('done', resolve),
          fail: () => end('failed', () => reject(new Error(`Cannot ${what}`))),
        };
        items.push(item);
      }),
    clear() {
      items = [];
    },
  };
}
