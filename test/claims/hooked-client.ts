import type { KubeClient } from '#kube';
import { ApiError } from '#kube';

/** A call as its hook sees it. */
export interface SeenCall {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'mergePatch' | 'delete';
  /** 1, 2, ...: position among all calls of this client. */
  readonly number: number;
}

/** `before`: the server never hears of it. `after`: it was carried out, only the answer was lost. */
export type Hook = (call: SeenCall) => 'pass' | 'fail-before' | 'fail-after' | Promise<'pass'>;

/** A client whose calls can fail on either side of the server. Watches pass. */
export function withHook(client: KubeClient, hook: Hook): KubeClient {
  let calls = 0;
  async function through<T>(verb: SeenCall['verb'], call: () => Promise<T>): Promise<T> {
    const fate = await hook({ verb, number: ++calls });
    if (fate === 'fail-before') throw new ApiError('Unreachable', `Cannot ${verb}: connection refused`);
    const result = await call();
    if (fate === 'fail-after') throw new ApiError('Unreachable', `Cannot ${verb}: connection reset`);
    return result;
  }
  return {
    get: (resource, name, options) => through('get', () => client.get(resource, name, options)),
    list: (resource, query, options) => through('list', () => client.list(resource, query, options)),
    listColumns: (resource, columns, query, options) =>
      through('list', () => client.listColumns(resource, columns, query, options)),
    version: (resource, query, options) => through('list', () => client.version(resource, query, options)),
    create: (resource, object, options) => through('create', () => client.create(resource, object, options)),
    update: (resource, object, options) => through('update', () => client.update(resource, object, options)),
    mergePatch: (resource, name, body, options) =>
      through('mergePatch', () => client.mergePatch(resource, name, body, options)),
    delete: (resource, name, options) => through('delete', () => client.delete(resource, name, options)),
    watch: (resource, query, options) => client.watch(resource, query, options),
    close: () => client.close(),
  };
}

/** A hook that lets all calls pass, and keeps what they were. */
export function recordCalls(): { readonly calls: SeenCall['verb'][]; readonly hook: Hook } {
  const calls: SeenCall['verb'][] = [];
  return {
    calls,
    hook: ({ verb }) => {
      calls.push(verb);
      return 'pass';
    },
  };
}
