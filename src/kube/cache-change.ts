/** What happened to a cached object; `relisted` comes after every (re)list. */
export type CacheChange<T> =
  | { readonly type: 'put'; readonly object: T; readonly previous?: T }
  | { readonly type: 'deleted'; readonly object: T }
  | { readonly type: 'relisted' };
