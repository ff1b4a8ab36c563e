import type { KubeClient } from '#kube';

/** Requests that were sent, and creates that failed because the name was somebody else's. */
export interface RequestCounts {
  readonly creates: number;
  readonly failedCreates: number;
  /** All, creates among them; watches not. */
  readonly all: number;
}

/** A client that counts what it is asked for. */
export function countingClient(client: KubeClient): { readonly client: KubeClient; take(): RequestCounts } {
  let counts = { creates: 0, failedCreates: 0, all: 0 };
  const counted = <A extends readonly unknown[], R>(call: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      counts.all++;
      return call(...args);
    };
  };
  return {
    client: {
      ...client,
      get: counted(client.get) as KubeClient['get'],
      list: counted(client.list) as KubeClient['list'],
      listColumns: counted(client.listColumns),
      update: counted(client.update) as KubeClient['update'],
      mergePatch: counted(client.mergePatch) as KubeClient['mergePatch'],
      delete: counted(client.delete) as KubeClient['delete'],
      async create(resource, object, options) {
        counts.all++;
        counts.creates++;
        try {
          return await client.create(resource, object, options);
        } catch (error) {
          counts.failedCreates++;
          throw error;
        }
      },
    },
    /** Since the last time. */
    take() {
      const taken = counts;
      counts = { creates: 0, failedCreates: 0, all: 0 };
      return taken;
    },
  };
}
