import type { ObjectStore } from './object-store.ts';

/** A store to try a request on: it reads what there is and forgets what is written, for `dryRun=All`. */
export function createDryStore(store: ObjectStore): ObjectStore {
  return {
    get version() {
      return store.version;
    },
    find: store.find,
    list: store.list,
    put: (_storage, object) => object,
    delete: store.find,
    changesSince: store.changesSince,
    subscribe: store.subscribe,
    subscribeAll: store.subscribeAll,
    compact: () => {},
  };
}
