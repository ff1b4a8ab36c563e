/** What is under way between processes and the API server: who drives the run decides what arrives, when, and what is lost. */
import type { KubeClient } from '#kube';
import type { Api } from '../cluster/api.ts';
import type { Trace } from '../run/trace.ts';
import { type Acting, createCalls } from './calls.ts';
import { createClient } from './client.ts';
import type { CallItem, LateCall, Link, StreamItem } from './link.ts';
import { createWatches } from './watches.ts';

export interface Network {
  /** Whose call the server is carrying out, and when it was sent. */
  readonly acting: Acting | undefined;
  connect(link: Link): KubeClient;
  /** All that can arrive now, calls first, oldest first. */
  items(): readonly (CallItem | StreamItem)[];
  /** Every open watch, whether something of it can arrive or not. */
  streams(): readonly StreamItem[];
  late(): readonly LateCall[];
  /** Ends what has taken too long by now. */
  expire(): void;
  /** The server forgets every watch: it would go on telling runs that are over what happens in the next ones. */
  close(): void;
}

export interface NetworkOptions {
  readonly api: Api;
  readonly now: () => number;
  readonly trace: Trace;
}

export function createNetwork({ api, now, trace }: NetworkOptions): Network {
  const calls = createCalls(api, now, trace);
  const watches = createWatches(api, now, trace);
  return {
    get acting() {
      return calls.acting;
    },
    connect: link => createClient(link, calls, watches),
    items: () => [...calls.items(), ...watches.items()],
    streams: watches.open,
    late: calls.late,
    expire() {
      calls.expire();
      watches.expire();
    },
    close: watches.close,
  };
}
