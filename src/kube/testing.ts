/** What tests of code that asks an API server share. */
import type { KubeClient } from './client.ts';

/** A client that answers these calls, and refuses all others: they are not meant to come. */
export function clientOf(answers: Partial<KubeClient>): KubeClient {
  return {
    get: refuse,
    list: refuse,
    listColumns: refuse,
    create: refuse,
    update: refuse,
    mergePatch: refuse,
    delete: refuse,
    version: refuse,
    watch: refuse,
    close: () => undefined,
    ...answers,
  };
}

/** What stands for anything that is not meant to be called. */
export function refuse(): never {
  throw new TypeError('not asked for');
}
