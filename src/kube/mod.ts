/** Access to the API server: typed calls, caches kept by list and watch, Events. */

export { backoffMs } from './backoff.ts';
export type { CacheChange } from './cache-change.ts';
export type {
  CallOptions,
  KubeClient,
  ListQuery,
  ObjectList,
  ObjectName,
  Preconditions,
  WatchEvent,
  WatchOptions,
} from './client.ts';
export type { KubeClientOptions } from './create-kube-client.ts';
export { createKubeClient } from './create-kube-client.ts';
export type { ElectionOptions } from './elect.ts';
export { ApiError, isApiError, isExpired, KubeconfigError } from './errors.ts';
export type { EventRecorder, EventRecorderOptions, EventSubject } from './event-recorder.ts';
export { createEventRecorder } from './event-recorder.ts';
export type { LeaseKeeperOptions } from './keep-lease.ts';
export { keepLease } from './keep-lease.ts';
export type { Kubeconfig, KubeconfigSources } from './kubeconfig.ts';
export { loadKubeconfig, parseKubeconfig } from './kubeconfig.ts';
export { loadElection } from './load-election.ts';
export { problemOfCache } from './problem-of-cache.ts';
export { resourcePath } from './resource-path.ts';
export { isOlder } from './resource-version.ts';
export type { AnsweredCache, WatchCache, WatchCacheOptions } from './watch-cache.ts';
export { createWatchCache } from './watch-cache.ts';
