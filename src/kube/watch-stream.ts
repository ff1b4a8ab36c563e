import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '#api';
import type { WatchEvent } from './client.ts';
import { ApiError, BAD_RESPONSE } from './errors.ts';
import { toWatchError } from './status-error.ts';

/**
 * The events of a watch's answer: one JSON object a line.
 *
 * @param what names the watch in errors
 * @throws ApiError for an ERROR event, and `BadResponse` for a line that is no event: a lost event would make a cache lie
 */
export async function* readWatchStream<T extends KubeObject>(
  what: string,
  response: IncomingMessage,
): AsyncGenerator<WatchEvent<T>> {
  let pending = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    pending += chunk;
    let start = 0;
    for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n', start)) {
      const line = pending.slice(start, end);
      start = end + 1;
      if (line !== '') yield parseEvent<T>(what, line);
    }
    pending = pending.slice(start);
  }
  if (pending.trim() !== '') yield parseEvent<T>(what, pending);
}

function parseEvent<T extends KubeObject>(what: string, line: string): WatchEvent<T> {
  let event: { readonly type?: unknown; readonly object?: unknown };
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new ApiError(BAD_RESPONSE, `Cannot ${what}: line "${line.slice(0, 100)}" must be JSON`, { cause });
  }
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      // The server validated the object by the resource's schema; T is that resource's type.
      return { type: event.type, object: event.object as T };
    case 'BOOKMARK':
      return { type: 'BOOKMARK', resourceVersion: (event.object as KubeObject).metadata.resourceVersion ?? '' };
    case 'ERROR':
      throw toWatchError(what, event.object);
    default:
      throw new ApiError(
        BAD_RESPONSE,
        `Cannot ${what}: event type ${JSON.stringify(event.type)} must be ADDED, MODIFIED, DELETED, BOOKMARK or ERROR`,
      );
  }
}
