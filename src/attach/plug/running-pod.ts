import { type CniRequest, formatArgs, parseRequest } from '#cni';
import type { EntryKey, JournalEntry, PodRef, RequestOrigin } from '../journal/entry.ts';

/** A pod's entry that knows how it was asked for. */
export type RunningPod = JournalEntry & { readonly pod: PodRef; readonly origin: RequestOrigin };

/** Whether the entry is a pod's own, made by us from its annotations. */
export function isRunningPod(entry: JournalEntry | undefined): entry is RunningPod {
  return entry?.state === 'added' && entry.pod !== undefined && entry.origin !== undefined;
}

/** As the pod's own ADD was, about one interface. */
export function requestOf(
  { key, netns, origin }: Pick<RunningPod, 'netns' | 'origin'> & { readonly key: EntryKey },
  ifname: string,
): CniRequest {
  return parseRequest({
    plugin: 'underlane',
    stdin: JSON.stringify(origin.config),
    env: {
      CNI_COMMAND: 'ADD',
      CNI_CONTAINERID: key.containerId,
      CNI_IFNAME: ifname,
      CNI_NETNS: netns,
      CNI_PATH: '/',
      CNI_ARGS: formatArgs(origin.args),
    },
  });
}
